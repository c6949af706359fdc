#include "common/runtime/config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::runtime {
namespace {

constexpr std::int64_t kPortMax = 65'535;
constexpr std::size_t kSecretBytesMax = 4096;

base::Secret read_secret(const std::string& file, const std::string& where) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kSecretBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) base::refuse(where, "the secret file " + file + " is empty or cannot be read");
  return base::Secret(std::move(text));
}

class Reading {
 public:
  Reading(const TomlDocument& document, const std::string& path)
      : root_(document.root()), folder_(std::filesystem::path(path).parent_path()) {}

  void into(Config& config) {
    if (auto table = root_.optional_table("database")) database(*table, config);
    if (auto table = root_.optional_table("log")) {
      const TomlPlace level = table->value("level");
      const auto parsed = log::parse_level(level.string());
      if (!parsed) level.refuse("must be debug, info, warning, error or off");
      config.log_level = *parsed;
      table->finish();
    }
    if (auto table = root_.optional_table("actors")) {
      if (const auto file = table->optional_string("file")) config.actor_file = absolute(*file);
      if (const auto file = table->optional_string("token_file")) config.token_file = absolute(*file);
      table->finish();
    }
    if (auto table = root_.optional_table("tls")) tls(*table, config);
    if (auto table = root_.optional_table("services")) services(*table, config);
    for (const std::string_view service : kServices) static_cast<void>(root_.optional_value(service));
    root_.finish();
  }

 private:
  std::string absolute(const std::string& file) const { return (folder_ / file).string(); }

  void database(TomlReader& table, Config& config) {
    const auto url = table.optional_string("url");
    const auto file = table.optional_string("url_file");
    if (url && file) table.refuse("url_file", "url is given too");
    if (url) config.database_url = base::Secret(*url);
    if (file) config.database_url = read_secret(absolute(*file), table.where("url_file"));
    if (auto passwords = table.optional_table("password_files")) {
      for (const std::string& role : passwords->keys())
        config.database_passwords.emplace(
            role, read_secret(absolute(passwords->string(role)), passwords->where(role)));
    }
    table.finish();
  }

  void tls(TomlReader& table, Config& config) {
    TlsFiles files;
    files.certificate_file = absolute(table.string("certificate_file"));
    files.key_file = absolute(table.string("key_file"));
    if (const auto file = table.optional_string("ca_file")) files.ca_file = absolute(*file);
    files.require_client_certificate = table.optional_boolean("require_client_certificate").value_or(false);
    if (files.require_client_certificate && files.ca_file.empty())
      table.refuse("require_client_certificate", "needs ca_file");
    table.finish();
    config.tls = std::move(files);
  }

  void services(TomlReader& table, Config& config) {
    for (const std::string& name : table.keys()) {
      const auto known = config.services.find(name);
      if (known == config.services.end()) table.refuse(name, "unknown service");
      Endpoint& endpoint = known->second;
      TomlReader service = table.table(name);
      if (const auto address = service.optional_string("listen")) endpoint.address = *address;
      if (const auto port = service.optional_integer("port", 0, kPortMax))
        endpoint.port = static_cast<std::uint16_t>(*port);
      if (const auto url = service.optional_string("url")) {
        if (!url->starts_with("http://") && !url->starts_with("https://"))
          service.refuse("url", "must begin with http:// or https://");
        endpoint.url = *url;
      }
      service.finish();
    }
  }

  TomlReader root_;
  std::filesystem::path folder_;
};

// Where peers find a service that says nothing: on the address that it listens on, or, when that is every
// address, on the loopback.
std::string default_url(const Endpoint& endpoint, bool tls) {
  std::string host = endpoint.address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(endpoint.port);
}

}  // namespace

const char* process_environment(const char* name) { return std::getenv(name); }

const Endpoint& Config::endpoint(std::string_view service) const {
  const auto found = services.find(service);
  ENSURE(found != services.end());
  return found->second;
}

std::optional<TomlReader> Config::own_table(std::string_view service) const {
  if (!document) return std::nullopt;
  return document->root().optional_table(service);
}

base::Checked<Config> load_config(const std::string& path, const std::string& home,
                                  const Environment& environment) {
  return base::checked([&] {
    Config config;
    config.home = home;
    config.actor_file = (std::filesystem::path(home) / "actors.toml").string();
    std::uint16_t port = kFirstPort;
    for (const std::string_view service : kServices) config.services[std::string(service)].port = port++;

    if (!path.empty()) {
      config.document = base::value_or_refuse(TomlDocument::load(path));
      config.folder = std::filesystem::path(path).parent_path().string();
      Reading(*config.document, path).into(config);
    }
    if (const char* url = environment("NAVKEEPER_DATABASE_URL"); url != nullptr && *url != '\0')
      config.database_url = base::Secret(std::string(url));
    if (const char* level = environment("NAVKEEPER_LOG_LEVEL"); level != nullptr && *level != '\0') {
      const auto parsed = log::parse_level(level);
      if (!parsed) base::refuse("NAVKEEPER_LOG_LEVEL", "must be debug, info, warning, error or off");
      config.log_level = *parsed;
    }
    for (auto& [name, endpoint] : config.services)
      if (endpoint.url.empty()) endpoint.url = default_url(endpoint, config.tls.has_value());
    return config;
  });
}

}  // namespace navkeeper::runtime
