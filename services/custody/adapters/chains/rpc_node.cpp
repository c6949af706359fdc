#include "services/custody/adapters/chains/rpc_node.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/json/write.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {

json::Value RpcNode::call(std::string_view method, std::string_view parameters) {
  const http::Response response =
      send({.method = http::Method::kPost, .path = "", .body = rpc_request(method, parameters)});
  const std::string where = name() + ": " + std::string(method);
  // bitcoind answers errors with status 500 and the same body.
  if (response.status != 200 && response.body.find("\"error\"") == std::string::npos)
    throw base::Unavailable(where + " was answered with status " + std::to_string(response.status) + ": " +
                            http::in_one_line(response.body));
  const json::Value answer = parse_node_json(name(), response.body);
  if (answer.kind() != json::Kind::kObject) base::refuse(where, "the answer is no object");
  const json::Value* id = answer.find("id");
  if (id == nullptr || id->kind() != json::Kind::kNumber || id->as_number() != "1")
    base::refuse(where, "the answer is to another request");
  if (const json::Value* error = answer.find("error"); error != nullptr && !error->is_null())
    throw base::Unavailable(where + ": " + http::in_one_line(json::to_compact(*error)));
  const json::Value* result = answer.find("result");
  if (result == nullptr) base::refuse(where, "the answer has neither result nor error");
  return *result;
}

}  // namespace navkeeper::custody
