#pragma once
// Navkeeper's own configuration: one TOML file, every key optional; config/navkeeper.example.toml is one.
//
//   [database]
//   url = "postgresql://db.example/navkeeper"      # absent: the embedded PostgreSQL below the home directory
//   url_file = "/run/secrets/database_url"         # instead of url, which may hold a password
//   password_files = { navkeeper_nav = "/run/secrets/nav_password" }
//   [log]
//   level = "info"                                 # debug | info | warning | error | off
//   [actors]
//   file = "actors.toml"                           # default: actors.toml in the home directory
//   token_file = "token"                           # for --as, where NAVKEEPER_TOKEN is not set
//   [tls]                                          # absent: plain HTTP
//   certificate_file = "server.pem"
//   key_file = "server.key"
//   ca_file = "ca.pem"                             # which peers we trust and, with the next, which callers
//   require_client_certificate = true
//   [services.pricing]
//   listen = "127.0.0.1"
//   port = 4701
//   url = "https://pricing.example"                # where peers reach it; default: from listen and port
//   [pricing]                                      # a service's own settings, which that service reads
//
// Paths are relative to the file's folder. NAVKEEPER_DATABASE_URL and NAVKEEPER_LOG_LEVEL go before the file.
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/base/secret.h"
#include "common/log/log.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::runtime {

/// All services, in the order in which they ask one another: a later one may ask the earlier ones.
constexpr std::array<std::string_view, 7> kServices = {"pricing", "custody",   "staking", "nav",
                                                       "risk",    "reporting", "gateway"};
/// The first service listens here by default, the next on the next port.
constexpr std::uint16_t kFirstPort = 4701;

struct Endpoint {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  std::string url = {};    ///< where peers reach it
};

struct TlsFiles {
  std::string certificate_file = {};
  std::string key_file = {};
  std::string ca_file = {};
  bool require_client_certificate = false;
};

struct Config {
  std::string home;
  base::Secret database_url;                               ///< empty: embedded
  std::map<std::string, base::Secret> database_passwords;  ///< by role
  log::Level log_level = log::Level::kInfo;
  std::string actor_file;
  std::string token_file;  ///< empty: none
  std::optional<TlsFiles> tls;
  std::map<std::string, Endpoint, std::less<>> services;  ///< every one of kServices
  std::optional<TomlDocument> document;                   ///< the file, where there is one
  std::string folder;                                     ///< that its paths are relative to

  const Endpoint& endpoint(std::string_view service) const;
  /// The service's own table, which the service itself reads; nothing when the file has none.
  std::optional<TomlReader> own_table(std::string_view service) const;
};

/// Gives the value of an environment variable, or nullptr.
using Environment = std::function<const char*(const char*)>;
const char* process_environment(const char* name);

/// `path` empty: the defaults. Refusals name file, line and key.
base::Checked<Config> load_config(const std::string& path, const std::string& home,
                                  const Environment& environment = process_environment);

}  // namespace navkeeper::runtime
