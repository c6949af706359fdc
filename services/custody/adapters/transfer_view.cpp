#include "services/custody/adapters/transfer_view.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/time/date.h"
#include "services/custody/adapters/account_history.h"

namespace navkeeper::custody {
namespace {

void write_fact(json::Writer& writer, const TransferFact& fact) {
  writer.begin_object()
      .member("side", describe(fact.side))
      .member("source", fact.source)
      .member("id", fact.id)
      .member("account", fact.account)
      .member("amount", fact.amount);
  if (fact.fee) writer.member("fee", *fact.fee);
  if (!fact.address.empty()) writer.member("address", fact.address);
  if (!fact.transaction_id.empty()) writer.member("transaction_id", fact.transaction_id);
  writer.member("at", fact.at.to_string()).member("day_only", fact.day_only);
  writer.member("progress", describe(fact.progress)).member("standing", describe(fact.standing)).end_object();
}

}  // namespace

TransferView match_stored(CustodyStore& store, const std::vector<OwnAddress>& addresses,
                          const model::FundId& fund, const TransferPeriod& period,
                          const std::vector<TransferFact>& books) {
  std::vector<std::string> own;
  for (const OwnAddress& address : addresses) {
    if (address.fund == fund) own.push_back(address.address);
  }
  TransferView view;
  std::vector<TransferFact> facts = books;
  CustodyQuery query;
  query.known_at = period.known_at;
  query.as_of = period.to > time::Instant::latest() - kAroundPeriod ? period.to : period.to + kAroundPeriod;
  const time::Instant from =
      period.from < time::Instant::earliest() + kAroundPeriod ? period.from : period.from - kAroundPeriod;
  for (const std::string& source : store.sources(fund)) {
    query.source = source;
    const AccountHistory history = load_history(store, fund, source, from, query);
    if (history.tells_transfers && chain_of_source(source)) view.chains_told.push_back(source);
    for (const auto& [asset, since] : history.listed_since) view.tokens_told[{source, asset}] = since;
    for (TransferFact& fact : facts_of(history, own)) facts.push_back(std::move(fact));
  }
  for (MatchedTransfer& transfer : match_transfers(std::move(facts), {})) {
    const bool inside =
        std::any_of(transfer.facts.begin(), transfer.facts.end(),
                    [&](const TransferFact& fact) { return fact.at >= period.from && fact.at <= period.to; });
    if (inside) view.transfers.push_back(std::move(transfer));
  }
  return view;
}

TransferView match_with_books(CustodyStore& store, const std::vector<OwnAddress>& addresses,
                              const model::FundId& fund, const TransferPeriod& period,
                              const BooksReader& books) {
  if (!books) return match_stored(store, addresses, fund, period, {});
  std::vector<TransferFact> facts;
  std::string failure;
  try {
    facts = books(fund, time::utc_date(period.from - kAroundPeriod),
                  time::utc_date(period.to + kAroundPeriod), period.known_at);
  } catch (const base::Unavailable& unavailable) {
    failure = unavailable.what();
  } catch (const base::Refused& refused) {
    failure = refused.what();
  }
  TransferView view = match_stored(store, addresses, fund, period, facts);
  view.books_asked = true;
  view.books_failure = failure;
  return view;
}

std::vector<Side> missing_sides(const MatchedTransfer& transfer, const TransferView& view,
                                const std::vector<OwnAddress>& addresses) {
  const auto told = [&](Chain chain, const TransferFact& fact) {
    const std::string source = chain_source(chain);
    const auto token = view.tokens_told.find({source, fact.asset});
    if (native_asset(chain) != fact.asset && (token == view.tokens_told.end() || fact.at < token->second))
      return false;
    return std::find(view.chains_told.begin(), view.chains_told.end(), source) != view.chains_told.end();
  };
  std::vector<Side> missing;
  if (!transfer.has(Side::kCustodian)) {
    // An address of the fund's own keys has no custodian who could tell of it.
    const bool own_keys =
        std::any_of(transfer.facts.begin(), transfer.facts.end(), [&](const TransferFact& fact) {
          return std::any_of(addresses.begin(), addresses.end(), [&](const OwnAddress& own) {
            return fact.side == Side::kChain && own.address == fact.account && own.custodian.empty();
          });
        });
    if (!own_keys) missing.push_back(Side::kCustodian);
  }
  if (!transfer.has(Side::kChain)) {
    const bool expected =
        std::any_of(transfer.facts.begin(), transfer.facts.end(), [&](const TransferFact& fact) {
          return std::any_of(addresses.begin(), addresses.end(), [&](const OwnAddress& own) {
            return fact.side == Side::kCustodian && own.custodian == fact.source &&
                   (own.account.empty() || fact.account.empty() || own.account == fact.account) &&
                   told(own.chain, fact);
          });
        });
    if (expected) missing.push_back(Side::kChain);
  }
  if (view.books_asked && view.books_failure.empty() && !transfer.has(Side::kBooks))
    missing.push_back(Side::kBooks);
  return missing;
}

void write_transfer(json::Writer& writer, const MatchedTransfer& transfer, const std::vector<Side>& missing) {
  const TransferFact& first = transfer.facts.front();
  writer.begin_object()
      .member("asset", first.asset)
      .member("direction", describe(first.direction))
      .member("first_at", transfer.first_at().to_string())
      .member("matched_by", describe(transfer.by))
      .member("score", transfer.score)
      .member("ambiguous", transfer.ambiguous)
      .member("amounts", describe(transfer.amounts));
  writer.key("points")
      .begin_object()
      .member("address", transfer.points.address)
      .member("amount", transfer.points.amount)
      .member("time", transfer.points.time)
      .end_object();
  writer.key("missing").begin_array();
  for (const Side side : missing) writer.string(describe(side));
  writer.end_array().key("facts").begin_array();
  for (const TransferFact& fact : transfer.facts) write_fact(writer, fact);
  writer.end_array().end_object();
}

}  // namespace navkeeper::custody
