#pragma once
// A node of a chain as an HTTP peer: retries, what its statuses mean, every answer kept as evidence; and how
// chains spell numbers and hashes in JSON.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "common/json/reader.h"
#include "common/runtime/toml_reader.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

/// Whoever carries a request to a node. Throws base::Unavailable when no answer came.
class NodeCarrier {
 public:
  virtual ~NodeCarrier() = default;
  virtual http::Response carry(const http::ClientRequest& request) = 0;
};

struct NodeSettings {
  std::string name;
  std::string url;
  std::string ca_file = {};                   ///< empty: the system's authorities
  base::Secret authorization = {};            ///< the header's value: "Basic …", "Bearer …"; empty: none
  std::chrono::milliseconds timeout{20'000};  ///< of one attempt
  int attempts = 3;                           ///< of one request; all of them only read
  std::chrono::milliseconds pause{200};  ///< before the second attempt; then three times as long, with jitter
};

/// Reads one table of nodes: name, url, authorization_file, ca_file, timeout_ms; the caller reads keys of its
/// own before and then finishes the table. Paths are relative to `folder`.
NodeSettings read_node_settings(runtime::TomlReader& table, const std::string& folder);

std::unique_ptr<NodeCarrier> http_carrier(const NodeSettings& settings);

/// Asks one node and keeps what it answers. Not to be shared by threads.
class Node {
 public:
  Node(std::string name, std::shared_ptr<NodeCarrier> carrier)
      : name_(std::move(name)), carrier_(std::move(carrier)) {}

  const std::string& name() const { return name_; }
  /// The answer whatever its status; it is kept.
  http::Response send(const http::ClientRequest& request);
  /// The body of an answer with status 200; base::Unavailable otherwise.
  std::string get(std::string path, http::Parameters query = {}, http::Headers headers = {});
  std::string post(std::string path, std::string body);
  /// What was answered since the last time.
  std::vector<RawAnswer> take_raw() { return std::exchange(raw_, {}); }
  /// The newest answer is no evidence of ours: it is not kept.
  void drop_last_raw() {
    if (!raw_.empty()) raw_.pop_back();
  }

 private:
  std::string checked(http::Response response, const std::string& path) const;
  std::string name_;
  std::shared_ptr<NodeCarrier> carrier_;
  std::vector<RawAnswer> raw_;
};

/// SHA-256 over the SHA-256 of each answer, in their order, in hexadecimal.
std::string raw_sha256(const std::vector<RawAnswer>& raw);

/// What one node may answer at most.
inline constexpr std::size_t kNodeAnswerBytesMax = std::size_t{64} << 20;
/// Reads an answer as JSON, or refuses it with the node's name.
json::Value parse_node_json(const std::string& node, std::string_view body);
/// A whole number in a string, "123", as beacon nodes and Cosmos REST write it: no sign, no leading zeros, 64
/// bits.
std::uint64_t read_whole_text(const json::Place& place);
/// The same with a sign: "-123".
std::int64_t read_signed_text(const json::Place& place);
/// "0x" and `bytes` pairs of digits in lower case.
std::string read_hex_text(const json::Place& place, std::size_t bytes);

}  // namespace navkeeper::staking
