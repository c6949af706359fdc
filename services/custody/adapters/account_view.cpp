#include "services/custody/adapters/account_view.h"

#include <algorithm>
#include <map>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "services/custody/adapters/attest.h"
#include "services/custody/adapters/balance_json.h"
#include "services/custody/adapters/statements.h"

namespace navkeeper::custody {

std::vector<AccountRow> account_rows(const std::vector<StoredBalance>& balances,
                                     const std::vector<OwnAddress>& addresses,
                                     const std::vector<StoredAttestation>& attestations,
                                     const model::FundId& fund) {
  std::map<std::pair<std::string, std::string>, AccountRow> rows;
  for (const StoredBalance& stored : balances) {
    const Place& place = stored.balance.place;
    rows[{place.source, place.account}].balances.push_back(stored);
  }
  for (const OwnAddress& own : addresses) {
    if (own.fund != fund) continue;
    AccountRow& row = rows[{chain_source(own.chain), own.address}];
    row.own = &own;
    const auto found = std::find_if(attestations.begin(), attestations.end(),
                                    [&](const StoredAttestation& one) { return one.address == own.address; });
    if (found != attestations.end()) row.attestation = &*found;
  }
  std::vector<AccountRow> list;
  for (auto& [key, row] : rows) {
    row.source = key.first;
    row.account = key.second;
    list.push_back(std::move(row));
  }
  return list;
}

std::string accounts_json(const model::FundId& fund, const std::vector<AccountRow>& rows) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("accounts").begin_array();
  for (const AccountRow& row : rows) {
    writer.begin_object().member("source", row.source).member("account", row.account);
    if (row.own != nullptr) {
      writer.member("chain", describe(row.own->chain)).member("address_use", describe(row.own->use));
      if (!row.own->path.empty()) writer.member("path", row.own->path);
      if (!row.own->custodian.empty()) writer.member("custodian", row.own->custodian);
      if (!row.own->account.empty()) writer.member("custodian_account", row.own->account);
    }
    if (row.attestation != nullptr) {
      writer.key("attestation");
      write_attestation(writer, *row.attestation);
    }
    writer.key("balances").begin_array();
    for (const StoredBalance& stored : row.balances) write_balance(writer, stored);
    writer.end_array().end_object();
  }
  return writer.end_array().end_object().take() + "\n";
}

std::vector<AssetRoll> load_rolls(CustodyStore& store, const model::FundId& fund, const std::string& source,
                                  const TransferPeriod& period) {
  if (period.from >= period.to) base::refuse("from", "must be before to");
  std::vector<AssetRoll> rolls;
  for (const std::string& one : source.empty() ? store.sources(fund) : std::vector{source}) {
    CustodyQuery query;
    query.as_of = period.to;
    query.known_at = period.known_at;
    const AccountHistory history = load_history(store, fund, one, period.from - kRecordsBefore, query);
    const auto accounts = account_ends(store, fund, one, period.from, period.to, period.known_at);
    for (const AccountEnds& ends : accounts) {
      for (AssetRoll& roll : asset_rolls(history, ends, accounts.size() == 1))
        rolls.push_back(std::move(roll));
    }
  }
  return rolls;
}

std::string rolls_json(const model::FundId& fund, const TransferPeriod& period,
                       const std::vector<AssetRoll>& rolls) {
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("from", period.from.to_string())
      .member("to", period.to.to_string())
      .key("rows")
      .begin_array();
  for (const AssetRoll& roll : rolls) write_roll(writer, roll);
  return writer.end_array().end_object().take() + "\n";
}

std::string transfers_json(const model::FundId& fund, const TransferPeriod& period, const TransferView& view,
                           const std::vector<OwnAddress>& addresses) {
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("from", period.from.to_string())
      .member("to", period.to.to_string())
      .member("books_asked", view.books_asked)
      .member("books_failure", view.books_failure);
  writer.key("chains_told").begin_array();
  for (const std::string& source : view.chains_told) writer.string(source);
  writer.end_array().key("transfers").begin_array();
  for (const MatchedTransfer& transfer : view.transfers)
    write_transfer(writer, transfer, missing_sides(transfer, view, addresses));
  return writer.end_array().end_object().take() + "\n";
}

std::string statements_json(const model::FundId& fund, const std::vector<StoredStatement>& statements) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("statements").begin_array();
  for (const StoredStatement& one : statements)
    writer.begin_object()
        .member("source", one.source)
        .member("account", one.account)
        .member("date", one.date.to_string())
        .member("version", one.version)
        .member("sha256", base::to_hex(one.sha256))
        .member("known_at", one.known_at.to_string())
        .member("made_by", one.actor)
        .end_object();
  return writer.end_array().end_object().take() + "\n";
}

}  // namespace navkeeper::custody
