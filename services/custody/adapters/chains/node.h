#pragma once
// A node of a chain as an HTTP peer: retries, what its statuses mean, and every answer kept as evidence.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "common/json/reader.h"
#include "services/custody/domain/chains/chain_reading.h"

namespace navkeeper::custody {

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
  /// The `result` of a JSON-RPC 2.0 (or 1.0) call; base::Unavailable for its `error`. `parameters` is a JSON
  /// array. A result may be null.
  json::Value call(std::string_view method, std::string_view parameters);

  /// What was answered since the last time.
  std::vector<NodeAnswer> take_raw() { return std::exchange(raw_, {}); }

 private:
  std::string name_;
  std::shared_ptr<NodeCarrier> carrier_;
  std::vector<NodeAnswer> raw_;
};

}  // namespace navkeeper::custody
