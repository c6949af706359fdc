#include "services/nav/domain/fund_act.h"

#include <algorithm>

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

namespace {

/// The coins that it changes; none of a distribution or split.
std::vector<std::string> coins_of(const FundAct& act) {
  return std::visit(Cases{[](const policy::Declaration&) { return std::vector<std::string>{}; },
                          [](const policy::ShareSplit&) { return std::vector<std::string>{}; },
                          [](const ForkAct& fork) {
                            return std::vector{fork.coin, fork.new_coin};
                          },
                          [](const policy::Migration& migration) {
                            return std::vector{migration.old_token, migration.new_token};
                          },
                          [](const policy::SpinOff& spin_off) {
                            return std::vector{spin_off.parent, spin_off.child};
                          }},
                    act.terms);
}

bool is_split_before_record(const FundAct& split, const FundAct& distribution) {
  const auto* terms = std::get_if<policy::ShareSplit>(&split.terms);
  const auto* declaration = std::get_if<policy::Declaration>(&distribution.terms);
  return terms != nullptr && declaration != nullptr && terms->effective <= declaration->dates.record;
}

}  // namespace

std::optional<std::string> clash(const FundAct& one, const FundAct& other) {
  if (is_split_before_record(one, other) || is_split_before_record(other, one))
    return "a split by the record date of a distribution leaves open whether its amount is per old or new "
           "share: the other one, " +
           other.id + ", is carried out or withdrawn before";
  if (one.effective() != other.effective()) return std::nullopt;
  const auto coins = coins_of(one);
  for (const std::string& coin : coins_of(other)) {
    if (std::find(coins.begin(), coins.end(), coin) != coins.end())
      return other.id + " changes " + coin + " on the same day, and nothing says which comes first";
  }
  return std::nullopt;
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
      const auto recorded = step.attempt == 1 ? policy::record(distribution, step.shares.value())
                                              : policy::correct_register(distribution, step.shares.value());
      distribution = base::value_or_refuse(recorded).distribution;
    } else {
      ENSURE(step.step == "paid");
      if (step.shares && *step.shares != distribution.shares)
        distribution =
            base::value_or_refuse(policy::correct_register(distribution, *step.shares)).distribution;
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
