#include "messages/values/records.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;

TEST_CASE("a record's key is its owner's id and place", "[records]") {
  message_record mail;
  mail.key = {entity_id{9}, inbox_folder, 5, 6};
  CHECK(key_of(mail) == key_in(family::messages, mail.key));
  cursor_record cursor;
  cursor.mailbox = entity_id{9};
  CHECK(key_of(cursor) == cursor_key(entity_id{9}, inbox_folder));
  grant_record grant;
  grant.owner = entity_id{9};
  CHECK(key_of(grant).in == family::grants);
}

TEST_CASE("keys sort as numbers, whatever their size", "[records]") {
  auto key = [](std::uint32_t number) {
    return key_in(family::messages, {entity_id{1}, 1, 1, number});
  };
  CHECK(key(2) < key(10));
  CHECK(key(255) < key(256));
}

TEST_CASE("a copy that may be shown has no password of any proxy", "[records]") {
  provider_record provider;
  mailbox_record mailbox;
  provider.proxy.password = secret{"p"};
  for (auto* server : {&provider.imap, &provider.smtp, &provider.pop3, &mailbox.imap, &mailbox.smtp,
                       &mailbox.pop3})
    server->proxy.password = secret{"p"};
  CHECK(without_secrets(provider) == provider_record{});
  CHECK(without_secrets(mailbox) == mailbox_record{});
}

TEST_CASE("a digest is shown in lower-case hexadecimal", "[records]") {
  sha256_digest digest{};
  digest[0] = 0xAB;
  CHECK(to_hex(digest).substr(0, 4) == "ab00");
  CHECK(to_hex(digest).size() == 64);
}
