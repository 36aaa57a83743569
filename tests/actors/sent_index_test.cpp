#include "actors/sent_index.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace mailfleet;

namespace {

const entity_id ann{5};
const entity_id bob{6};

message_key mail(std::uint32_t number, entity_id of = ann) {
  return {of, outbox_folder, 0, number};
}

/// Two mails of Ann's, and one of Bob's.
struct indexed {
  sent_index index;

  indexed() {
    index.note(mail(1), "<m-1@x.test>");
    index.note(mail(2), "<m-2@x.test>");
    index.note(mail(9, bob), "<m-9@x.test>");
  }
};

mail_meaning about_own_id(const message_key& key) {
  mail_meaning meaning;
  meaning.about_mailfleet_id = to_string(key);
  return meaning;
}

mail_meaning about_message_id(std::string id) {
  mail_meaning meaning;
  meaning.about_message_id = std::move(id);
  return meaning;
}

mail_meaning in_thread(std::vector<std::string> ids) {
  mail_meaning meaning;
  meaning.thread = std::move(ids);
  return meaning;
}

} // namespace

TEST_CASE_METHOD(indexed, "a mail is found by our own id, wherever it came back", "[sent_index]") {
  CHECK(index.find(ann, about_own_id(mail(1))) == mail(1));
  mail_meaning by_envelope;
  by_envelope.about_envelope_id = to_string(mail(2));
  CHECK(index.find(ann, by_envelope) == mail(2));
}

TEST_CASE_METHOD(indexed, "a mail is found by its Message-ID", "[sent_index]") {
  CHECK(index.find(ann, about_message_id("<m-2@x.test>")) == mail(2));
  CHECK_FALSE(index.find(ann, about_message_id("<m-3@x.test>")));
}

TEST_CASE_METHOD(indexed, "our own id counts before a Message-ID, and that before the thread",
                 "[sent_index]") {
  auto meaning = in_thread({"<m-1@x.test>"});
  meaning.about_message_id = "<m-2@x.test>";
  CHECK(index.find(ann, meaning) == mail(2));
  meaning.about_mailfleet_id = to_string(mail(1));
  CHECK(index.find(ann, meaning) == mail(1));
  // One that was made up hides nothing.
  meaning.about_mailfleet_id = to_string(mail(77));
  CHECK(index.find(ann, meaning) == mail(2));
}

TEST_CASE_METHOD(indexed, "an answer is to the latest mail of its thread that is ours",
                 "[sent_index]") {
  CHECK(index.find(ann, in_thread({"<m-1@x.test>", "<m-2@x.test>", "<her@y.test>"})) == mail(2));
  CHECK(index.find(ann, in_thread({"<m-2@x.test>", "<m-1@x.test>"})) == mail(1));
  CHECK_FALSE(index.find(ann, in_thread({"<her@y.test>"})));
  CHECK_FALSE(index.find(ann, {}));
}

TEST_CASE_METHOD(indexed, "mail of another mailbox is not found", "[sent_index]") {
  CHECK_FALSE(index.find(ann, about_own_id(mail(9, bob))));
  CHECK_FALSE(index.find(ann, about_message_id("<m-9@x.test>")));
  CHECK_FALSE(index.find(ann, in_thread({"<m-9@x.test>"})));
  CHECK(index.find(bob, about_message_id("<m-9@x.test>")) == mail(9, bob));
}

TEST_CASE_METHOD(indexed, "what names no mail in the outbox is not found", "[sent_index]") {
  CHECK_FALSE(index.find(ann, about_own_id({ann, inbox_folder, 0, 1})));
  for (const auto* id : {"", "-", "m-1", "<m-1@x.test>", "0000000000005-4294967295-0-1"}) {
    mail_meaning meaning;
    meaning.about_mailfleet_id = id;
    CHECK_FALSE(index.find(ann, meaning));
  }
}

TEST_CASE_METHOD(indexed, "what was forgotten is not found", "[sent_index]") {
  index.forget(mail(1), "<m-1@x.test>");
  CHECK_FALSE(index.find(ann, about_own_id(mail(1))));
  CHECK_FALSE(index.find(ann, about_message_id("<m-1@x.test>")));
  CHECK(index.find(ann, about_message_id("<m-2@x.test>")) == mail(2));
  index.forget(mail(1), "<m-1@x.test>");
  index.note(mail(1), "<m-1@x.test>");
  CHECK(index.find(ann, about_message_id("<m-1@x.test>")) == mail(1));
}

TEST_CASE_METHOD(indexed, "of two mails with one Message-ID the other stays", "[sent_index]") {
  index.note(mail(3), "<m-1@x.test>");
  index.note(mail(3), "<m-1@x.test>");
  index.forget(mail(1), "<m-1@x.test>");
  CHECK(index.find(ann, about_message_id("<m-1@x.test>")) == mail(3));
  index.forget(mail(3), "<m-1@x.test>");
  CHECK_FALSE(index.find(ann, about_message_id("<m-1@x.test>")));
}
