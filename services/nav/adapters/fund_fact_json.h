#pragma once
// Facts as JSON, an object each (services/nav/POLICY.md lists the shapes):
//
//   {"id":"inv-7","date":"2026-03-06","fact":"expense_incurred","type":"audit fees","name":"Audit 2026",
//    "amount":"1000.00"}
#include "common/json/value.h"
#include "services/nav/app/fund_facts.h"

namespace navkeeper::nav {

constexpr std::size_t kFactsPerRequestMax = 100'000;

/// Throws base::Refused that names the key.
FundFact read_fact(const json::Value& value);
/// One object a line; refusals name file and line.
std::vector<FundFact> read_facts_file(const std::string& path);
/// {"facts":[...]}.
std::vector<FundFact> read_facts_body(std::string_view text);

/// The canonical object that read_fact() makes this fact of, for facts that come from staking: rewards,
/// penalties, transfers, swaps, gas (ENSURE).
std::string fact_content(const FundFact& fact);

std::string facts_json(const model::FundId& fund, const std::vector<RecordedFact>& facts);
std::string facts_table(const std::vector<RecordedFact>& facts);
std::string fact_report_json(const model::FundId& fund, const FactReport& report);

}  // namespace navkeeper::nav
