#include "services/sandbox/chains/chain_node.h"

#include <algorithm>

#include "common/json/write.h"

namespace navkeeper::sandbox {

std::uint64_t ChainNode::tip() const {
  const std::uint64_t tip = world_.tip(chain_);
  return has(ChainFault::kLag) ? std::max(world_.rhythm(chain_).first, tip - std::min(tip, kLagBlocks)) : tip;
}

std::uint64_t ChainNode::variant(std::uint64_t height) const {
  const std::uint64_t own = world_.variant(chain_, height);
  const bool forked = has(ChainFault::kFork) && height + kForkBlocks > world_.tip(chain_);
  return forked ? own + 1'000 : own;
}

money::Int128 ChainNode::shown(money::Int128 amount) const {
  if (has(ChainFault::kZeros)) return 0;
  return has(ChainFault::kLie) ? amount + 1 : amount;
}

std::size_t ChainNode::shown_count(std::size_t count) const {
  if (has(ChainFault::kZeros)) return 0;
  return has(ChainFault::kTruncated) ? std::min<std::size_t>(count, 1) : count;
}

std::optional<RpcCall> parse_rpc(std::string_view body) {
  const auto request = json::parse(body);
  if (request.has_error() || request->kind() != json::Kind::kObject) return std::nullopt;
  RpcCall call;
  if (const json::Value* id = request->find("id")) call.id = json::to_compact(*id);
  const json::Value* method = request->find("method");
  if (method == nullptr || method->kind() != json::Kind::kString) return std::nullopt;
  call.method = method->as_string();
  if (const json::Value* parameters = request->find("params");
      parameters != nullptr && parameters->kind() == json::Kind::kArray)
    call.parameters = parameters->as_array();
  return call;
}

http::Response rpc_result(const RpcCall& call, const std::string& result) {
  return http::Response::json(R"({"jsonrpc":"2.0","id":)" + call.id + R"(,"result":)" + result + "}");
}

http::Response rpc_error(const RpcCall& call, int code, std::string_view message, int status) {
  return http::Response::json(R"({"jsonrpc":"2.0","id":)" + call.id + R"(,"error":{"code":)" +
                                  std::to_string(code) + R"(,"message":)" + json::quoted(message) + "}}",
                              status);
}

std::string text_parameter(const RpcCall& call, std::size_t index) {
  if (index >= call.parameters.size() || call.parameters[index].kind() != json::Kind::kString) return {};
  return call.parameters[index].as_string();
}

base::Bytes first_bytes(const crypto::Digest256& digest, std::size_t count) {
  return {digest.begin(), digest.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string hex_quantity(unsigned __int128 value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[static_cast<std::size_t>(value % 16)]);
    value /= 16;
  } while (value != 0);
  return "0x" + digits;
}

}  // namespace navkeeper::sandbox
