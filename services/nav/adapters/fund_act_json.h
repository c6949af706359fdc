#pragma once
// A fund's acts as JSON: read from a file or a request, kept canonically, shown. One object, its shape by
// `kind` (services/nav/POLICY.md):
//
//   {"kind":"distribution","id":"2026-03","declared":"2026-03-30","ex":"2026-03-31","record":"2026-03-31",
//    "pay":"2026-04-02","per_share":"0.05","sources":{"income":"0.05"}}
//   {"kind":"split","id":"4-for-1","effective":"2026-03-09","new_shares":4,"old_shares":1}
//   {"kind":"fork","id":"ETHPoW","coin":"ETH","new_coin":"ETHW","new_decimals":18,"date":"2026-03-09",
//    "ratio":"1"}                                       with "declared" and "record" where the fund
//    distributes
//   {"kind":"migration","id":"M","date":"2026-03-09","old_token":"CRO","new_token":"CRO2","new_decimals":8,
//    "ratio":"1"}
//   {"kind":"spin_off","id":"S","date":"2026-03-09","parent":"ETH","child":"XYZ","child_decimals":18,
//    "received":"10","parent_fair_value":"1000","child_fair_value":"10"}
#include "common/json/value.h"
#include "common/json/write.h"
#include "services/nav/app/fund_acts.h"

namespace navkeeper::nav {

/// Throws base::Refused that names the key. `kind`: what the route or command is for; nothing: any.
NewAct read_act(const json::Value& value, std::optional<std::string_view> kind = std::nullopt);
NewAct read_act_text(std::string_view text, std::optional<std::string_view> kind = std::nullopt);
NewAct read_act_file(const std::string& path, std::optional<std::string_view> kind = std::nullopt);

/// With state, who, steps, and of a distribution what is owed by source and its 19a-1 notice.
std::string act_json(const FundDefinition& fund, const StoredAct& act, const std::vector<StoredAct>& all);
std::string acts_json(const FundDefinition& fund, const std::vector<StoredAct>& shown,
                      const std::vector<StoredAct>& all);
std::string acts_table(const FundDefinition& fund, const std::vector<StoredAct>& shown);
std::string act_text(const FundDefinition& fund, const StoredAct& act, const std::vector<StoredAct>& all);

/// The fact as others hear it, and the answer to who decided.
std::string act_fact(const model::FundId& fund, const std::string& id, std::string_view kind,
                     std::string_view state);
/// The same of an undo, with what NAVs are wrong by since.
std::string undo_fact(const model::FundId& fund, const StoredAct& act, std::string_view state,
                      const LateReport& lateness);

}  // namespace navkeeper::nav
