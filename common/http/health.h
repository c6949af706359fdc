#pragma once
// /healthz (the process lives), /readyz (it can work: every check passes) and /metrics of a service.
#include <functional>
#include <string>
#include <vector>

#include "common/http/router.h"

namespace navkeeper::http {

struct ReadinessCheck {
  std::string name;             ///< "database"
  std::function<void()> check;  ///< throws when it is not ready; must come back within a second or so
};

/// /readyz answers 200 or 503 with the checks and whether each passed. `metrics` gives the text of /metrics.
void add_health_routes(Router& router, std::vector<ReadinessCheck> checks,
                       std::function<std::string()> metrics);

}  // namespace navkeeper::http
