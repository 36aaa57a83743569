// Looks into folders of a real Dovecot.
#include "messages/values/outgoing.hpp"
#include "net/connector.hpp"
#include "net/sent_search.hpp"
#include "tests/net/imap_memory_server.hpp"
#include "tests/support/testbed.hpp"

#include <catch2/catch.hpp>

#include <future>

using namespace mailfleet;

namespace {

struct fixture {
  tests::testbed bed;
  testing::seeded_random random;
  std::unique_ptr<net::connector> connector = net::make_connector({});
  net::event_loop loop{1};
  std::unique_ptr<sent_search> search = net::make_sent_search(loop, *connector, random);

  sent_query query(const std::string& user, const std::string& own_id) {
    sent_query what;
    what.account.server.host = "localhost";
    what.account.server.port = bed.info().ports.at("imaps");
    what.account.server.ca_file = bed.info().ca_file;
    what.account.user = user;
    what.account.credential = bed.mint(user).access_token;
    what.own_id = own_id;
    what.message_id = "<" + own_id + "@example.com>";
    return what;
  }

  result<sent_answer> look(sent_query what) {
    std::promise<result<sent_answer>> answered;
    search->search(std::move(what), [&answered](result<sent_answer> answer) {
      answered.set_value(std::move(answer));
    });
    auto answer = answered.get_future().get();
    UNSCOPED_INFO((answer ? "looked" : to_string(answer.error())));
    return answer;
  }

  void put(const std::string& user, std::string_view folder, const std::string& own_id,
           const std::string& message_id = "other") const {
    bed.put(user, folder,
            "X-Mailfleet-Id: " + own_id + "\nMessage-ID: <" + message_id
                + "@example.com>\nSubject: sent\n\nbody\n");
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "in Dovecot's folder of sent mail a mail is found, and no other",
                 "[sent_search]") {
  const auto user = bed.address("sent-search");
  put(user, "Sent", "00000000000000a1-4-0-12");
  put(user, "Sent", "none", "00000000000000a1-4-0-3");
  auto there = look(query(user, "00000000000000a1-4-0-12"));
  REQUIRE(there);
  CHECK(there->found);
  CHECK(there->folder == "Sent");
  auto renamed = look(query(user, "00000000000000a1-4-0-3"));
  REQUIRE(renamed);
  CHECK(renamed->found);
  auto shorter = look(query(user, "00000000000000a1-4-0-1"));
  REQUIRE(shorter);
  CHECK_FALSE(shorter->found);
  CHECK_FALSE(shorter->no_folder);
}

TEST_CASE_METHOD(fixture, "a password opens Dovecot's folder too", "[sent_search]") {
  const auto user = bed.address("sent-password");
  put(user, "Sent", "own-1");
  auto what = query(user, "own-1");
  what.account.auth = mailbox_auth::password;
  what.account.credential = bed.info().password;
  auto seen = look(what);
  REQUIRE(seen);
  CHECK(seen->found);
}

TEST_CASE_METHOD(fixture, "a refused token is a failure, and no absence", "[sent_search]") {
  const auto user = bed.address("sent-refused");
  auto what = query(user, "own-1");
  bed.revoke(user);
  auto seen = look(what);
  REQUIRE_FALSE(seen);
  CHECK(seen.error().code == errc::authentication_failed);
}
