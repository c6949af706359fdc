#pragma once
// Custody's routes as people use them who move coins: each POST by somebody, with a key of its own.
#include <optional>
#include <string>
#include <utility>

#include "common/http/router.h"
#include "services/custody/service.h"
#include "tests/db/movement_fixture.h"

namespace navkeeper::custody {

class MovementDesk {
 public:
  void open(const Dependencies& dependencies) {
    register_routes(routes_, dependencies, [this](const http::Request&) { return *actor_; });
  }
  http::Response post(const MovementActor& who, const std::string& path, const std::string& body = "{}") {
    actor_ = who.actor;
    http::Request request;
    request.method = http::Method::kPost;
    request.path = "/v1/custody/funds/BTCETH/" + path;
    request.body = body;
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Idempotency-Key", "k" + std::to_string(++keys_));
    return routes_.handle(std::move(request));
  }

 private:
  http::Router routes_;
  std::optional<model::Actor> actor_;
  int keys_ = 0;
};

}  // namespace navkeeper::custody
