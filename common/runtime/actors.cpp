#include "common/runtime/actors.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::runtime {
namespace {

constexpr std::size_t kTokenBytesMax = 4096;

base::Refusal wrong_credentials() { return {"actor", "unknown actor or wrong token"}; }

}  // namespace

base::Checked<ActorFile> ActorFile::parse(std::string_view text, const std::string& file) {
  return base::checked([&] {
    const TomlDocument document = base::value_or_refuse(TomlDocument::parse(text, file));
    TomlReader root = document.root();
    ActorFile actors;
    std::set<Digest> digests;
    for (TomlReader& table : root.tables("actors")) {
      const std::string name = table.string("name");
      const auto id = model::ActorId::parse(name);
      if (id.has_error()) table.refuse("name", id.error().rule);
      std::set<model::Role> roles;
      for (const TomlPlace& word : table.array("roles")) {
        const auto role = model::parse_role(word.string());
        if (!role) word.refuse("unknown role");
        roles.insert(*role);
      }
      if (roles.empty()) table.refuse("roles", "an actor needs a role");
      const auto bytes = base::from_hex(table.string("token_sha256"));
      Digest digest{};
      if (!bytes || bytes->size() != digest.size())
        table.refuse("token_sha256", "must be 64 hexadecimal digits, the SHA-256 of the token");
      std::copy(bytes->begin(), bytes->end(), digest.begin());
      if (!digests.insert(digest).second) table.refuse("token_sha256", "another actor has the same token");
      if (!actors.entries_.try_emplace(name, Entry{{*id, std::move(roles)}, digest}).second)
        table.refuse("name", "the actor is named twice");
      table.finish();
    }
    root.finish();
    return actors;
  });
}

base::Checked<ActorFile> ActorFile::load(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return base::Refusal{path, "the actor file must be written by its owner alone (chmod go-w)"};
  const auto document = TomlDocument::load(path);
  if (document.has_error()) return document.error();
  return parse(document->text(), path);
}

base::Checked<model::Actor> ActorFile::authenticate(std::string_view name, const base::Secret& token) const {
  static constexpr Digest kNobody{};
  const auto found = entries_.find(name);
  const Digest given = crypto::sha256(token.reveal());
  // Compared also for an unknown name, so that time does not tell which names exist.
  const bool equal =
      crypto::equal_constant_time(given, found == entries_.end() ? kNobody : found->second.token_digest);
  if (found == entries_.end() || !equal) return wrong_credentials();
  return found->second.actor;
}

base::Checked<model::Actor> ActorFile::authenticate(const base::Secret& token) const {
  const Digest given = crypto::sha256(token.reveal());
  const Entry* owner = nullptr;
  for (const auto& [name, entry] : entries_)
    if (crypto::equal_constant_time(given, entry.token_digest)) owner = &entry;
  if (owner == nullptr) return wrong_credentials();
  return owner->actor;
}

std::string ActorFile::names() const {
  std::string names;
  std::size_t count = 0;
  for (const auto& [name, entry] : entries_) {
    if (++count > kNamesShownMax) return names + ", ...";
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

base::Checked<base::Secret> read_token(const std::string& token_file) {
  if (const char* token = std::getenv(kTokenVariable); token != nullptr && *token != '\0')
    return base::Secret(std::string(token));
  if (token_file.empty())
    return base::Refusal{
        kTokenVariable, "no token: set the variable, or name a token file (token_file in the configuration)"};
  struct stat status {};
  if (::stat(token_file.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return base::Refusal{token_file, "the token file cannot be read"};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return base::Refusal{token_file, "the token file must be for its owner alone (chmod 600)"};
  std::ifstream in(token_file, std::ios::binary);
  std::string token(kTokenBytesMax, '\0');
  in.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(in.gcount()));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.empty() || token.find('\n') != std::string::npos)
    return base::Refusal{token_file, "the token file must hold one line, the token"};
  return base::Secret(std::move(token));
}

base::Checked<model::Actor> authenticate_command(const std::string& actor_file, std::string_view name,
                                                 const std::string& token_file) {
  return base::checked([&] {
    if (name.empty()) base::refuse("--as", "who acts must be said: --as NAME");
    const ActorFile actors = base::value_or_refuse(ActorFile::load(actor_file));
    if (!actors.has(name))
      base::refuse("--as " + std::string(name.substr(0, model::kNameLengthMax)),
                   "is an unknown actor: " + actor_file + " names " + actors.names() +
                       "; a new one is an [[actors]] table there with name, roles and token_sha256");
    const base::Secret token = base::value_or_refuse(read_token(token_file));
    return base::value_or_refuse(actors.authenticate(name, token));
  });
}

}  // namespace navkeeper::runtime
