#pragma once
// Stored NAVs and funds as JSON for programs and as tables for people; the same for the command line and the
// API.
#include <optional>
#include <string>
#include <vector>

#include "common/json/write.h"
#include "services/nav/app/strike_fund.h"

namespace navkeeper::nav {

/// One NAV in short: {"fund","date","version","state","nav_per_share","net_assets","shares","struck_by",...}.
void write_nav_line(json::Writer& writer, const model::FundId& fund, const StoredNav& nav);
/// The same with checks, overrides and the document itself.
std::string nav_json(const model::FundId& fund, const StoredNav& nav);

struct FundNavs {
  model::FundId fund;
  std::vector<StoredNav> navs;
  std::vector<money::Decimal> adjusted{};  ///< in step with navs: per share, as below; empty: not asked for
};
/// Fills `adjusted`: each value per share in the shares of the newest NAV struck, so that a history shows no
/// jump where a split was. For display; what was struck stays as it was struck.
void adjust_for_splits(FundNavs& listed, NavStore& store, time::Instant known_at);
std::string navs_json(const std::vector<FundNavs>& funds);
std::string navs_table(const std::vector<FundNavs>& funds);

std::string funds_json(const std::vector<StoredDefinition>& funds);
std::string funds_table(const std::vector<StoredDefinition>& funds);
std::string fund_json(const StoredDefinition& fund);

}  // namespace navkeeper::nav
