#include "services/nav/adapters/posting_rules.h"

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/adapters/fund_file.h"

namespace navkeeper::nav {
namespace {

books::LotRule rule_of(const std::string& word) {
  const auto rule = books::lot_rule_from(word);
  ENSURE(rule.has_value());  // check_definition refused all others
  return *rule;
}

books::LotRule without_average(books::LotRule rule) {
  return rule == books::LotRule::kAverage ? books::LotRule::kFifo : rule;
}

}  // namespace

FundDefinition load_definition(db::Transaction& transaction, const model::FundId& fund) {
  const auto source = load_definition_source(transaction, fund);
  if (!source) base::refuse(fund.value(), "is not a fund that was applied");
  return read_fund_text(*source, fund.value());
}

books::TaxRules tax_rules_of(const FundDefinition& fund) {
  return {{without_average(rule_of(fund.lots)), without_average(rule_of(fund.lots_in_kind))},
          fund.tax.status == TaxStatus::kCCorp,
          false};
}

FundPostingRules::FundPostingRules(const FundDefinition& fund) : exchange_(fund.calendar()) {
  rules_.lots = {rule_of(fund.lots), rule_of(fund.lots_in_kind)};
  rules_.tax_rules = tax_rules_of(fund);
  rules_.exchange = &exchange_;
  rules_.settlement = time::Calendar::find(fund.settlement_calendar);
  ENSURE(rules_.settlement != nullptr);
}

}  // namespace navkeeper::nav
