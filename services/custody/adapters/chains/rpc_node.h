#pragma once
// A node that speaks JSON-RPC: Bitcoin Core, the execution clients of Ethereum and of Cronos EVM.
#include <string_view>

#include "common/http/node.h"
#include "common/json/value.h"

namespace navkeeper::custody {

class RpcNode final : public http::Node {
 public:
  using Node::Node;
  /// The `result` of a JSON-RPC 2.0 (or 1.0) call; base::Unavailable for its `error`. `parameters` is a JSON
  /// array. A result may be null.
  json::Value call(std::string_view method, std::string_view parameters);
};

}  // namespace navkeeper::custody
