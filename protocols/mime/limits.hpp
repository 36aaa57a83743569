#pragma once

#include "messages/values/mail.hpp"

#include <cstddef>
#include <cstdint>

/// The limits of mail, each with its reason.
namespace mailfleet::mime {

// -- addresses (RFC 5321 4.5.3.1) -------------------------------------------

inline constexpr std::size_t max_local_part_bytes = 64;
inline constexpr std::size_t max_domain_bytes = 255;
/// A path is 256 with its angle brackets.
inline constexpr std::size_t max_address_bytes = 254;
/// What is shown beside an address.
inline constexpr std::size_t max_display_name_bytes = 255;

/// Colons in one list of addresses: those of groups and of IPv6 literals. GMime calls itself
/// for each that may begin a group, and what nests deeper than its stack ends the process.
inline constexpr std::size_t max_list_colons = 200;

// -- mail on its way out ----------------------------------------------------

/// A line without its CRLF (RFC 5322 2.1.1).
inline constexpr std::size_t max_line_bytes = 998;

/// The header section: it is held in memory, and servers refuse more (Postfix takes 100 KiB).
inline constexpr std::size_t max_header_section_bytes = 256 * 1024;

/// Fields of one header section.
inline constexpr std::size_t max_header_fields = 1'000;

/// Recipients of one mail, unless the server admits fewer: Exchange's default.
inline constexpr std::size_t default_max_recipients = 500;

/// Exchange Online takes no more attachments of one mail.
inline constexpr std::size_t max_files = 250;

/// Exchange Online's subjects; in bytes it is four times as many characters.
inline constexpr std::size_t max_subject_bytes = 1'020;

/// Names of files, as file systems have them.
inline constexpr std::size_t max_file_name_bytes = 255;

/// One text: what a person writes or a program makes for one. It is held in memory.
inline constexpr std::size_t max_text_bytes = 8 * 1024 * 1024;

/// One extra header's value: folded, it is some lines.
inline constexpr std::size_t max_header_value_bytes = 8 * 1024;
inline constexpr std::size_t max_header_name_bytes = 76;

/// Extra headers of a composed mail.
inline constexpr std::size_t max_extra_headers = 100;

/// A Message-ID with its brackets: it fits a line with its name.
inline constexpr std::size_t max_message_id_bytes = 250;

/// References kept of a thread: the first one and the latest (RFC 5537 3.4.4 trims so).
inline constexpr std::size_t max_references = 50;

/// The whole mail as it goes: Exchange's largest, 150 MiB.
inline constexpr std::uint64_t max_mail_bytes = 157'286'400;

// -- mail that came ---------------------------------------------------------

/// What is looked at to recognise a report: the first piece of a mail, so that none need be
/// kept beside the pieces. A report says what it has to in some KiB; behind that comes, at
/// most, the whole mail reported about.
inline constexpr std::size_t max_report_bytes = max_chunk_bytes;

/// Nested parts that are looked into, and parts of one mail: reports have two levels.
inline constexpr std::size_t max_depth = 20;
inline constexpr std::size_t max_parts = 200;

/// Recipients kept of one report.
inline constexpr std::size_t max_reported_recipients = 500;

/// Bytes kept of each text of a report.
inline constexpr std::size_t max_report_text_bytes = 400;

} // namespace mailfleet::mime
