#pragma once
// Closes and corporate actions as JSON and TOML, and as the columns of their tables.
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/json/write.h"
#include "services/pricing/adapters/equity_store.h"

namespace navkeeper::pricing {

std::string rejected_json(const std::vector<RejectedClose>& rejected);

struct ActionColumns {
  std::string kind;  ///< "split", "ticker_change", "relisting"
  std::string symbol;
  time::Date date;
  std::string to_symbol;
  std::int64_t new_shares = 0;
  std::int64_t old_shares = 0;
};
ActionColumns columns_of(const CorporateAction& action);

/// A file of actions: [[split]] symbol, date, new_shares, old_shares; [[ticker_change]] from, to, date;
/// [[relisting]] symbol, date; each with source, and `withdrawn = true` to take an earlier one back.
base::Checked<std::vector<StoredAction>> parse_actions(std::string_view toml, const std::string& file);

void write_import(json::Writer& writer, const EquityImportReport& report);
void write_summary(json::Writer& writer, const SeriesSummary& summary);
/// Members of an object that is open: symbol, source, clock, adjustment, file, sha256, closes.
void write_series(json::Writer& writer, const CloseSeries& series);
void write_aligned(json::Writer& writer, const std::vector<std::string>& symbols,
                   const std::vector<AlignedCloses>& closes);
/// Values are on the share count of the end of their stretch, with at most 12 decimals, half-even.
void write_history(json::Writer& writer, const std::vector<Stretch>& stretches);
std::string history_value(const money::Rational& value);
void write_action(json::Writer& writer, const StoredAction& stored);
void write_coin_closes(json::Writer& writer, const std::string& pair, const std::vector<CoinClose>& closes);

/// "nyse_close", "midnight ZONE" or "midnight:ZONE".
base::Checked<SnapClock> parse_clock(std::string text);

}  // namespace navkeeper::pricing
