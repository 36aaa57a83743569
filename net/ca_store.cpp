#include "net/ca_store.hpp"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <mutex>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace mailfleet::net {

namespace {

/// What tells a file from a later one of the same name.
struct file_stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  /// Of its content or of who may read it.
  timespec changed{};

  bool operator==(const file_stamp& other) const noexcept {
    return device == other.device && inode == other.inode && size == other.size
           && changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
  }
};

struct cached_store {
  file_stamp stamp;
  ca_store store;
};

/// Where libcurl was told the system's bundle is.
std::string system_bundle() {
  const auto* version = curl_version_info(CURLVERSION_NOW);
  return version->cainfo != nullptr ? version->cainfo : X509_get_default_cert_file();
}

failure unreadable(const std::string& path, const std::string& why) {
  return bad_field("ca_file", "\"" + printable(path) + "\" cannot be read: " + why,
                   "name a bundle that the user of mailfleetd may read, or let that user read it");
}

/// Why the file cannot be opened; 0: it can be.
int open_fault(const std::string& path) {
  struct closer {
    void operator()(std::FILE* file) const noexcept {
      std::fclose(file);
    }
  };
  std::unique_ptr<std::FILE, closer> file{std::fopen(path.c_str(), "re")};
  return file ? 0 : errno;
}

result<ca_store> read_store(const std::string& path) {
  if (auto fault = open_fault(path); fault != 0)
    return unreadable(path, std::generic_category().message(fault));
  ca_store store{X509_STORE_new(), X509_STORE_free};
  if (store && X509_STORE_load_file(store.get(), path.c_str()) == 1)
    return store;
  ERR_clear_error();
  return bad_field("ca_file", "\"" + printable(path) + "\" holds no certificate",
                   "name a bundle in PEM form");
}

} // namespace

result<ca_store> load_ca_store(const std::string& ca_file) {
  static std::mutex mutex;
  static std::map<std::string, cached_store> cache;
  auto path = ca_file.empty() ? system_bundle() : ca_file;
  struct stat facts {};
  if (path.find('\0') != std::string::npos)
    return unreadable(path, "its name holds a NUL");
  if (::stat(path.c_str(), &facts) != 0)
    return unreadable(path, std::generic_category().message(errno));
  file_stamp stamp{facts.st_dev, facts.st_ino, facts.st_size, facts.st_ctim};
  // Held while the file is read: one parses, the others want the same store.
  std::lock_guard lock{mutex};
  if (auto found = cache.find(path); found != cache.end() && found->second.stamp == stamp)
    return found->second.store;
  auto store = read_store(path);
  if (store)
    cache.insert_or_assign(path, cached_store{stamp, *store});
  return store;
}

} // namespace mailfleet::net
