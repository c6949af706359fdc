#pragma once
// A node of a chain as an HTTP peer: retries, what its statuses mean, and every answer kept as evidence.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "common/model/node_answer.h"
#include "common/runtime/toml_reader.h"

namespace navkeeper::http {

/// Whoever carries a request to a node. Throws base::Unavailable when no answer came.
class NodeCarrier {
 public:
  virtual ~NodeCarrier() = default;
  virtual Response carry(const ClientRequest& request) = 0;
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

/// Reads name, url, authorization_file, ca_file and timeout_ms of a table of nodes; whoever calls reads keys
/// of their own and finishes the table. Paths are relative to `folder`.
NodeSettings read_node_settings(runtime::TomlReader& table, const std::string& folder);
/// "http://…" or "https://…", without slashes at its end.
std::string read_node_url(runtime::TomlReader& table, std::string_view key);

std::unique_ptr<NodeCarrier> http_carrier(const NodeSettings& settings);

/// Asks one node and keeps what it answers. Not to be shared by threads.
class Node {
 public:
  Node(std::string name, std::shared_ptr<NodeCarrier> carrier)
      : name_(std::move(name)), carrier_(std::move(carrier)) {}

  const std::string& name() const { return name_; }
  /// The answer whatever its status; it is kept.
  Response send(const ClientRequest& request);
  /// The body of an answer with status 200; base::Unavailable otherwise.
  std::string get(std::string path, Parameters query = {}, Headers headers = {});
  std::string post(std::string path, std::string body);
  /// What was answered since the last time.
  std::vector<model::NodeAnswer> take_raw() { return std::exchange(raw_, {}); }
  /// The newest answer is no evidence of ours: it is not kept.
  void drop_last_raw() {
    if (!raw_.empty()) raw_.pop_back();
  }

 private:
  std::string checked(Response response, const std::string& path) const;
  std::string name_;
  std::shared_ptr<NodeCarrier> carrier_;
  std::vector<model::NodeAnswer> raw_;
};

/// What a node says, in one line and no longer than a message bears.
std::string in_one_line(std::string_view answer);

}  // namespace navkeeper::http
