#include "protocols/imap/sent_folder.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace mailfleet::imap;
using source = sent_folder::source;

namespace {

listed_folder folder(std::string name, std::vector<std::string> attributes = {}) {
  auto spelled = "wire " + name;
  return {std::move(name), std::move(attributes), '/', std::move(spelled)};
}

std::string chosen(const std::vector<listed_folder>& folders, std::string_view configured = {}) {
  auto found = choose_sent_folder(folders, configured);
  return found ? std::to_string(static_cast<int>(found->by)) + " " + found->name : "none";
}

} // namespace

TEST_CASE("the server's own mark goes before names and configuration", "[sent_folder]") {
  CHECK(chosen({folder("Sent"), folder("[Gmail]/Versandt", {"\\HasNoChildren", "\\sent"})}, "Mine")
        == "1 [Gmail]/Versandt");
  CHECK(chosen({folder("Sent", {"\\Sent", "\\NoSelect"}), folder("Sent Items")}) == "3 Sent Items");
}

TEST_CASE("without a mark the configuration counts, then known names", "[sent_folder]") {
  CHECK(chosen({folder("Sent")}, "Mine") == "2 Mine");
  CHECK(chosen({folder("INBOX"), folder("Gesendete Elemente")}) == "3 Gesendete Elemente");
  CHECK(chosen({folder("inbox"), folder("sent items")}) == "3 sent items");
  CHECK(chosen({folder("Éléments envoyés")}) == "3 Éléments envoyés");
  CHECK(chosen({folder("INBOX/Sent")}) == "3 INBOX/Sent");
  CHECK(chosen({folder("INBOX"), folder("Presents")}) == "none");
  CHECK(chosen({}) == "none");
}

TEST_CASE("a folder at the top goes before one below another", "[sent_folder]") {
  CHECK(chosen({folder("Archive/Sent Items"), folder("Sent")}) == "3 Sent");
  CHECK(chosen({folder("Archive/Sent"), folder("Posta inviata")}) == "3 Posta inviata");
}

TEST_CASE("no name is twice in the table", "[sent_folder]") {
  std::set<std::string_view> names{sent_folder_names().begin(), sent_folder_names().end()};
  CHECK(names.size() == sent_folder_names().size());
}

TEST_CASE("a folder is opened by the name that the server spells", "[sent_folder]") {
  std::vector<listed_folder> folders{folder("Sent"), folder("Mine")};
  CHECK(choose_sent_folder(folders, "")->wire_name == "wire Sent");
  CHECK(choose_sent_folder(folders, "Mine")->wire_name == "wire Mine");
  CHECK(choose_sent_folder(folders, "Elsewhere")->wire_name.empty());
}
