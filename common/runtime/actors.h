#pragma once
// The actor file: who may act, and how they prove it. TOML:
//   [[actors]]
//   name = "anna"
//   roles = ["maker", "operator"]
//   token_sha256 = "<64 lower-case hexadecimal digits: SHA-256 of the token>"
// Tokens are random (32 bytes or more), so a plain hash is enough; the tokens themselves stand nowhere.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/base/secret.h"
#include "common/model/actor.h"

namespace navkeeper::runtime {

class ActorFile {
 public:
  /// Refused: a file that cannot be read, an unknown role, an actor without roles or named twice, two actors
  /// with the same token, a hash that is not one.
  static base::Checked<ActorFile> load(const std::string& path);
  static base::Checked<ActorFile> parse(std::string_view text, const std::string& file);

  /// For people at the command line, who can read the file themselves; never told over HTTP.
  bool has(std::string_view name) const { return entries_.contains(name); }
  std::string names() const;  ///< "anna, ben, ...", at most kNamesShownMax of them
  static constexpr std::size_t kNamesShownMax = 20;
  /// The actor of that name when the token is theirs. Takes as long for an unknown name as for a wrong token,
  /// and says the same: "unknown actor or wrong token".
  base::Checked<model::Actor> authenticate(std::string_view name, const base::Secret& token) const;
  /// The actor whose token it is, for a bearer token over HTTP.
  base::Checked<model::Actor> authenticate(const base::Secret& token) const;

 private:
  using Digest = std::array<std::uint8_t, 32>;
  struct Entry {
    model::Actor actor;
    Digest token_digest{};
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

/// The environment variable that holds the token of the command line's --as NAME.
constexpr const char* kTokenVariable = "NAVKEEPER_TOKEN";

/// The token from the environment, or else from the file (its only line); refused when neither gives one, and
/// when the file can be read by others than its owner.
base::Checked<base::Secret> read_token(const std::string& token_file);

/// What loading, reading the token and authenticating give together, for a command with --as NAME. A name
/// that the file does not have is refused as unknown, before a token is asked for.
base::Checked<model::Actor> authenticate_command(const std::string& actor_file, std::string_view name,
                                                 const std::string& token_file);

}  // namespace navkeeper::runtime
