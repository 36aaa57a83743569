#include "tools/mailfleet/qr_code.hpp"

#include <memory>
#include <qrencode.h>

namespace mailfleet::tools {

namespace {

struct freed_by_qrencode {
  void operator()(QRcode* code) const noexcept {
    QRcode_free(code);
  }
};

/// ISO/IEC 18004 wants four; terminals leave room of their own.
constexpr int quiet_modules = 2;

constexpr std::string_view black_on_white = "\x1b[30;47m";
constexpr std::string_view plain = "\x1b[0m\n";

} // namespace

std::string qr_code(const std::string& text) {
  std::unique_ptr<QRcode, freed_by_qrencode> code{
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L)};
  if (!code)
    return {};
  auto dark = [&](int x, int y) {
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return inside && (code->data[y * code->width + x] & 1) != 0;
  };
  std::string shown;
  for (int y = -quiet_modules; y < code->width + quiet_modules; y += 2) {
    shown.append(black_on_white);
    for (int x = -quiet_modules; x < code->width + quiet_modules; ++x) {
      bool upper = dark(x, y);
      bool lower = dark(x, y + 1);
      shown.append(upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ");
    }
    shown.append(plain);
  }
  return shown;
}

} // namespace mailfleet::tools
