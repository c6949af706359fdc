#include "services/nav/adapters/known_fund.h"

#include "common/base/refuse.h"
#include "common/http/problem.h"

namespace navkeeper::nav {

StoredDefinition known_fund(NavStore& store, const model::FundId& fund) {
  auto stored = store.latest_definition(fund);
  if (!stored) base::refuse(fund.value(), "is not a known fund");
  return *std::move(stored);
}

StoredDefinition served_fund(NavStore& store, const model::FundId& fund) {
  auto stored = store.latest_definition(fund);
  if (!stored) throw http::ProblemError(http::not_found("fund " + fund.value() + " is not known"));
  return *std::move(stored);
}

}  // namespace navkeeper::nav
