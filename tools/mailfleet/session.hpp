#pragma once

#include "tools/mailfleet/exit_codes.hpp"
#include "tools/mailfleet/field_options.hpp"
#include "web/api_client.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::tools {

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

  /// Where the fields of the command's request come from: a person is told of these options.
  field_options options = question_fields();

  // -- requests -----------------------------------------------------------------

  /// Asks, and shows the answer or the refusal.
  void run(std::string_view method, const std::string& target, const std::string& body,
           const presenter& show);

  /// Asks; a refusal is shown and gives nothing.
  [[nodiscard]] std::optional<std::string> ask(std::string_view method, const std::string& target,
                                               const std::string& body = {});

  /// GETs what may well not be there; nothing is shown, and the status stays.
  [[nodiscard]] std::optional<std::string> look_up(const std::string& target) const;

  /// Like `ask`, for what may be asked twice without harm: if the connection is lost, it is asked
  /// once more. `unknown` is told besides where nobody knows whether it was done.
  [[nodiscard]] std::optional<std::string> ask_twice(std::string_view method,
                                                     const std::string& target,
                                                     const std::string& body,
                                                     const std::string& unknown = {});

  /// GETs a body into `take`; false: a refusal was shown.
  [[nodiscard]] bool download(const std::string& target, const web::api_client::sink& take);

  /// Shows a failure of our own and sets the status.
  void refuse(const failure& found, int with);

  /// The last refusal that was shown, as the API writes one.
  [[nodiscard]] const std::string& refusal() const noexcept {
    return refusal_;
  }

private:
  [[nodiscard]] std::optional<web::api_answer> accept(const result<web::api_answer>& answer);

  std::string refusal_;
};

} // namespace mailfleet::tools
