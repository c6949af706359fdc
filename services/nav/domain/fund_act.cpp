#include "services/nav/domain/fund_act.h"

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

template <class... Handlers>
struct Cases : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Cases(Handlers...) -> Cases<Handlers...>;

}  // namespace

std::string_view FundAct::kind() const {
  return std::visit(Cases{[](const policy::Declaration&) { return std::string_view("distribution"); },
                          [](const policy::ShareSplit&) { return std::string_view("split"); },
                          [](const ForkAct&) { return std::string_view("fork"); },
                          [](const policy::Migration&) { return std::string_view("migration"); },
                          [](const policy::SpinOff&) { return std::string_view("spin_off"); }},
                    terms);
}

time::Date FundAct::effective() const {
  return std::visit(Cases{[](const policy::Declaration& declaration) { return declaration.dates.ex; },
                          [](const policy::ShareSplit& split) { return split.effective; },
                          [](const ForkAct& fork) { return fork.date; },
                          [](const policy::Migration& migration) { return migration.date; },
                          [](const policy::SpinOff& spin_off) { return spin_off.date; }},
                    terms);
}

policy::DistributionTerms distribution_terms(const FundDefinition& fund) {
  return {fund.policies.distributions.use, fund.policies.distributions.remainder_owner,
          fund.act == Act::kIca1940};
}

policy::Distribution distribution_after(const FundDefinition& fund, const policy::Declaration& declaration,
                                        const std::vector<ActStep>& steps) {
  policy::Distribution distribution{
      declaration, distribution_terms(fund), policy::DistributionStage::kDeclared, {}, {}};
  for (const ActStep& step : steps) {
    if (step.step == "ex") {
      distribution = base::value_or_refuse(policy::go_ex(distribution, step.shares.value())).distribution;
    } else if (step.step == "recorded") {
      distribution = base::value_or_refuse(policy::record(distribution, step.shares.value())).distribution;
    } else {
      ENSURE(step.step == "paid");
      distribution.stage = policy::DistributionStage::kPaid;
    }
  }
  return distribution;
}

std::optional<time::Date> next_due(const FundAct& act, const std::vector<ActStep>& steps) {
  const auto* declaration = std::get_if<policy::Declaration>(&act.terms);
  if (declaration == nullptr) {
    if (!steps.empty()) return std::nullopt;
    const auto* fork = std::get_if<ForkAct>(&act.terms);
    return fork != nullptr && fork->rights ? fork->rights->record : act.effective();
  }
  if (steps.empty()) return declaration->dates.ex;
  if (steps.size() == 1) return declaration->dates.record;
  return std::nullopt;
}

}  // namespace navkeeper::nav
