#pragma once

#include "tools/mailfleet/part_source.hpp"
#include "tools/mailfleet/session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>

/// How bytes go with a request: in it where they are few, else they are uploaded before it.
namespace mailfleet::tools {

class enclosure {
public:
  /// `room`: how many bytes a request of this mailbox still admits.
  enclosure(session& with, std::string mailbox, std::size_t room)
    : with_{with}, mailbox_{std::move(mailbox)}, room_{room} {}

  /// Puts `content` or `upload` into the object, for `first` and what is behind it in `from`;
  /// `name` is for the person who waits. False: a refusal was shown.
  [[nodiscard]] bool put(nlohmann::json& into, part_source& from, std::string first,
                         const std::string& name);

private:
  [[nodiscard]] bool upload(nlohmann::json& into, part_source& from, std::string part,
                            const std::string& name);

  session& with_;
  std::string mailbox_;
  std::size_t room_;
};

/// What `"upload":KEY` takes in a request at most; to be kept free for each file.
inline constexpr std::size_t upload_field_bytes = 64;

} // namespace mailfleet::tools
