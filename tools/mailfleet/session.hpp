#pragma once

#include "web/api_client.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::tools {

/// What the ops tool ends with; scripts rely on the numbers.
enum exit_status : int {
  exit_ok = 0,
  exit_refused = 1,       ///< mailfleetd refused, or what it did failed.
  exit_usage = 2,         ///< The command line, or a file it names, is wrong.
  exit_not_reachable = 3, ///< No mailfleetd answers.
};

/// Where one run of the tool talks to and how it shows what it hears.
class session {
public:
  /// Shows an answer to a person.
  using presenter = std::function<void(const nlohmann::ordered_json&)>;

  // -- set by the command line --------------------------------------------------

  std::string socket;
  /// Show every answer exactly as the API gave it.
  bool json = false;
  /// What the process ends with.
  int status = exit_ok;

  // -- requests -----------------------------------------------------------------

  /// Asks, and shows the answer or the refusal.
  void run(std::string_view method, const std::string& target, const std::string& body,
           const presenter& show);

  /// Asks; a refusal is shown and gives nothing.
  [[nodiscard]] std::optional<std::string> ask(std::string_view method, const std::string& target,
                                               const std::string& body = {});

  /// GETs a body into `take`; false: a refusal was shown.
  [[nodiscard]] bool download(const std::string& target, const web::api_client::sink& take);

  /// Shows a failure of our own and sets the status.
  void refuse(const failure& what, int with);

  /// The last refusal that was shown, as the API writes one.
  [[nodiscard]] const std::string& refusal() const noexcept {
    return refusal_;
  }

private:
  [[nodiscard]] std::optional<web::api_answer> accept(const result<web::api_answer>& answer);

  std::string refusal_;
};

} // namespace mailfleet::tools
