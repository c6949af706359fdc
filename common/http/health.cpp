#include "common/http/health.h"

#include <exception>
#include <memory>

#include "common/json/write.h"

namespace navkeeper::http {

void add_health_routes(Router& router, std::vector<ReadinessCheck> checks,
                       std::function<std::string()> metrics) {
  router.get("/healthz", [](const Request&) { return Response::json(R"({"status":"ok"})"); });
  router.get("/readyz", [checks = std::move(checks)](const Request&) {
    bool ready = true;
    json::Writer passed;
    passed.begin_object();
    for (const ReadinessCheck& check : checks) {
      bool passes = true;
      try {
        check.check();
      } catch (const std::exception&) {
        passes = false;
      }
      ready = ready && passes;
      passed.member(check.name, passes);
    }
    passed.end_object();
    return Response::json(
        "{\"status\":\"" + std::string(ready ? "ok" : "not_ready") + "\",\"checks\":" + passed.take() + "}",
        ready ? 200 : 503);
  });
  router.get("/metrics", [metrics = std::move(metrics)](const Request&) {
    Response response = Response::text(metrics());
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return response;
  });
}

}  // namespace navkeeper::http
