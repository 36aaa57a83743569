#pragma once

#include "messages/values/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// GMime's own type, so that its header is not needed here.
struct _GMimeStream;

/// Streams of GMime that call functions of ours; for the sources of this folder only. What a
/// function fails with is put into `fault`, which must outlive the stream, and the stream
/// fails. The caller owns a reference.
namespace mailfleet::mime {

/// Gives up to `most` bytes from `offset` on; none at the end.
using stream_reader = std::function<result<std::string>(std::uint64_t offset, std::size_t most)>;

[[nodiscard]] _GMimeStream* reading_stream(stream_reader read, std::optional<failure>* fault);

using stream_writer = std::function<result<void>(std::string_view bytes)>;

[[nodiscard]] _GMimeStream* writing_stream(stream_writer write, std::optional<failure>* fault);

} // namespace mailfleet::mime
