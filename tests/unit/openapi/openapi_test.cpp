// docs/openapi.json and the routes that the services register are the same set: neither has one that the
// other lacks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <utility>

#include "common/db/pool.h"
#include "common/http/health.h"
#include "common/http/router.h"
#include "common/json/value.h"
#include "common/time/clock.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/service.h"
#include "services/nav/adapters/cash_routes.h"
#include "services/nav/adapters/indicative_service.h"
#include "services/nav/service.h"
#include "services/pricing/service.h"
#include "services/staking/service.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

using MethodAndPath = std::pair<std::string, std::string>;

std::set<MethodAndPath> registered() {
  db::Pool pool(db::PoolSettings{.connection = "host=/nonexistent", .schema = "nav"});  // opens nothing
  time::SystemClock clock;
  nav::Service nav_service({&pool, "http://127.0.0.1:9", {}, &clock, nullptr});
  http::Router router;
  pricing::register_routes(router, {&pool, nullptr});
  pricing::register_price_routes(router, {&pool, nullptr}, nullptr);
  const custody::Settings custody_settings;
  custody::register_routes(router, {.pool = &pool, .settings = &custody_settings}, nullptr);
  staking::register_routes(router, {.pool = &pool}, nullptr);
  nav::register_routes(router, nav_service, nullptr);
  nav::IndicativeContext indicative;
  nav::register_indicative_routes(router, nav_service, indicative, nullptr);
  http::add_health_routes(router, {}, [] { return std::string(); });
  std::set<MethodAndPath> routes;
  for (const http::Route& route : router.routes()) {
    routes.emplace(std::string(http::describe(route.method)), route.pattern);
  }
  return routes;
}

std::set<MethodAndPath> documented() {
  const auto document = json::parse(tests::read_file(tests::source_dir() / "docs" / "openapi.json"));
  std::set<MethodAndPath> routes;
  if (document.has_error()) return routes;
  for (const json::Member& path : document->find("paths")->as_object()) {
    for (const json::Member& operation : path.value.as_object()) {
      std::string method = operation.key;
      std::transform(method.begin(), method.end(), method.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      routes.emplace(method, path.key);
    }
  }
  return routes;
}

TEST(OpenApi, DocumentsExactlyTheRoutesThatTheServicesRegister) {
  EXPECT_GE(registered().size(), 13U);
  EXPECT_EQ(documented(), registered());
}

}  // namespace
}  // namespace navkeeper
