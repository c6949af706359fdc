#include "services/custody/app/reconcile.h"

#include <algorithm>
#include <set>

#include "common/base/refuse.h"
#include "services/custody/domain/chains/own_address.h"

namespace navkeeper::custody {
namespace {

/// A line may be made so long before it is done.
constexpr auto kLinesBefore = time::Duration::hours(24 * 7);

/// What sources say, as the reconciliation needs it.
class Facts {
 public:
  Facts(const ReconcilePorts& ports, const ReconcileRequest& request, const FundBooks& books)
      : ports_(ports), request_(request), books_(books) {}

  ReconciliationInput collect() {
    input_.at = books_.valued_at;
    input_.date = books_.date;
    input_.books = books_.positions;
    const std::vector<std::string> sources = ports_.facts.sources(request_.fund);
    if (sources.empty())
      base::refuse(request_.fund.value(),
                   "no custodian and no chain was ever read for it: navkeeper custody sync --as OPERATOR");
    add_balances();
    const bool has_custodian = std::any_of(sources.begin(), sources.end(), [](const std::string& source) {
      return source_kind(source) == SourceKind::kCustodian;
    });
    for (const std::string& source : sources) {
      const auto& own = request_.terms.own_keys;
      const bool is_kept =
          !has_custodian || source_kind(source) == SourceKind::kCustodian ||
          std::any_of(own.begin(), own.end(), [&](const Place& place) { return place.source == source; });
      add_movements(source, is_kept);
    }
    // Before the first day that both sides know, a movement of one of them has no counterpart to look for.
    const auto is_early = [&](const CoinMovement& movement) { return movement.date < since_; };
    input_.booked = books_.settled;
    input_.booked_pending = books_.pending;
    std::erase_if(input_.booked, is_early);
    std::erase_if(input_.moved, is_early);
    return std::move(input_);
  }

 private:
  /// The nearest before the valuation point where it is near enough and tells the coin, else the nearest
  /// after it; by_newest:
  /// of custodians the newest of all that is near enough.
  void add_balances() {
    CustodyQuery query;
    query.as_of = books_.valued_at;
    for (StoredBalance& stored : ports_.facts.balances(request_.fund, query))
      input_.balances.push_back(std::move(stored.balance));
    std::map<std::pair<Place, model::AssetId>, std::size_t> known;
    for (std::size_t i = 0; i < input_.balances.size(); ++i)
      known.emplace(std::pair(input_.balances[i].place, input_.balances[i].asset), i);
    for (Balance& later : ports_.store.balances_after(request_.fund, books_.valued_at)) {
      const auto before = known.find(std::pair(later.place, later.asset));
      if (before == known.end())
        input_.balances.push_back(std::move(later));
      else if (books_.valued_at - input_.balances[before->second].as_of > request_.terms.age_max ||
               !is_told(input_.balances[before->second]))
        input_.balances[before->second] = std::move(later);
    }
    if (request_.by_newest) add_newest();
  }

  void add_newest() {
    CustodyQuery query;
    query.as_of = request_.now;
    for (StoredBalance& stored : ports_.facts.balances(request_.fund, query)) {
      Balance& newest = stored.balance;
      const bool is_near =
          newest.as_of > books_.valued_at && newest.as_of - books_.valued_at <= request_.terms.age_max;
      if (!is_near || source_kind(newest.place.source) != SourceKind::kCustodian) continue;
      const auto known = std::find_if(
          input_.balances.begin(), input_.balances.end(),
          [&](const Balance& one) { return one.place == newest.place && one.asset == newest.asset; });
      if (known == input_.balances.end())
        input_.balances.push_back(std::move(newest));
      else
        *known = std::move(newest);
    }
  }

  /// Whether a chain's list reaches all balances that are compared, and nothing there moves by being staked
  /// that it does not tell.
  bool is_whole(const std::string& source, Chain chain) {
    const auto until = ports_.facts.whole_until(request_.fund, source, RecordKind::kTransfer);
    const auto any = [](const std::optional<money::Decimal>& amount) { return amount && !amount->is_zero(); };
    return until && std::none_of(input_.balances.begin(), input_.balances.end(), [&](const Balance& one) {
             return one.place.source == source &&
                    (one.as_of > *until || (!lists_stakes(chain) &&
                                            (any(one.staked) || any(one.activating) || any(one.unbonding))));
           });
  }

  /// Up to when a custodian's transfers and rewards are all known, and whether it was asked since the
  /// valuation point. Of transfers that it never told nothing is known; not every custodian tells rewards.
  void add_known_stretch(const std::string& source) {
    const auto transfers = ports_.facts.whole_until(request_.fund, source, RecordKind::kTransfer);
    const auto rewards = ports_.facts.whole_until(request_.fund, source, RecordKind::kReward);
    const time::Instant until = transfers.value_or(time::Instant::earliest());
    input_.whole_until.emplace(source, std::min(until, rewards.value_or(until)));
    CustodyQuery query;
    query.source = source;
    const auto newest = ports_.facts.runs(request_.fund, query, 1);
    if (!newest.empty() && newest.front().started_at >= books_.valued_at) input_.asked_after.insert(source);
  }

  /// Lines of a custodian's ledger near the valuation point that nothing else tells. Crypto.com's lines of
  /// transfers bear ids of their own and say by their type what they are; Prime's bear the transfer's.
  void add_not_rolled(const std::string& source) {
    const time::Instant from = books_.valued_at - request_.terms.age_max - kLinesBefore;
    std::set<std::string> told;
    for (const RecordKind kind : {RecordKind::kTransfer, RecordKind::kReward}) {
      for (const RecordState& state : ports_.facts.records(request_.fund, source, kind, from, {}))
        told.insert(state.record.key);
    }
    for (const RecordState& state :
         ports_.facts.records(request_.fund, source, RecordKind::kLedgerLine, from, {})) {
      const Record& line = state.record;
      if (state.standing != Standing::kSure || line.progress != Progress::kDone || told.contains(line.key) ||
          line.status == "ONCHAIN_DEPOSIT" || line.status == "ONCHAIN_WITHDRAWAL" ||
          (line.amount && line.amount->is_zero()))
        continue;
      CoinMovement movement{source, line.key, line.asset, "", line.amount.value_or(money::Decimal())};
      movement.at = state.done_since.value_or(line.at);
      movement.what = line.status;
      movement.account = line.account;
      input_.not_rolled.push_back(std::move(movement));
    }
  }

  /// Tokens whose transfers are listed since the day on which the chain's own list begins; of one that came
  /// later the balance alone is compared.
  void add_listed_tokens(const std::string& source, time::Instant begins, std::set<std::string>& listed) {
    for (const RecordState& state :
         ports_.facts.records(request_.fund, source, RecordKind::kNetwork, time::Instant::earliest(), {})) {
      const Record& record = state.record;
      if (record.key == listed_key(record.asset) && time::utc_date(record.at) <= time::utc_date(begins))
        listed.insert(record.asset);
    }
  }

  /// `is_kept`: the books are compared with it.
  void add_movements(const std::string& source, bool is_kept) {
    const auto begins = ports_.store.history_begins(request_.fund, source);
    const auto chain = chain_of_source(source);
    if (chain) {
      std::set<std::string>& listed = input_.listed[source];
      if (begins && is_whole(source, *chain)) {
        listed.emplace(native_asset(*chain));
        add_listed_tokens(source, *begins, listed);
      }
    }
    if (!chain) {
      add_known_stretch(source);
      add_not_rolled(source);
    }
    if (!begins) return;
    // The day on which a history begins is not whole.
    time::Date since = time::utc_date(*begins) + 1;
    if (books_.began) since = std::max(since, *books_.began);
    if (is_kept) since_ = std::max(since_, since);
    for (const RecordState& state :
         ports_.facts.records(request_.fund, source, RecordKind::kTransfer, since.utc_midnight(), {})) {
      if (state.standing != Standing::kSure) continue;
      const auto transfer = ports_.documents.transfer(state.record);
      if (!transfer) continue;
      if (chain && state.record.progress == Progress::kUnknown)
        add_unlisted(source, state.record, *transfer);
      else
        add(source, state, *transfer);
    }
    for (const RecordState& state :
         ports_.facts.records(request_.fund, source, RecordKind::kReward, since.utc_midnight(), {})) {
      if (state.standing != Standing::kSure || state.record.progress != Progress::kDone) continue;
      const auto reward = ports_.documents.reward(state.record);
      if (!reward) continue;
      for (int copy = 1; copy <= state.count; ++copy) {
        CoinMovement movement{source, state.record.key + (copy > 1 ? "#" + std::to_string(copy) : ""),
                              reward->asset, "", reward->amount};
        movement.at = reward->at;
        movement.date = time::utc_date(reward->at);
        movement.references = {state.record.key, reward->id};
        movement.what = "reward";
        movement.account = reward->account;
        input_.moved.push_back(std::move(movement));
      }
    }
    if (!chain) add_conversions(source, since);
  }

  /// Out of the one asset and into the other; what is under way is out of the one alone, and in nothing.
  void add_conversions(const std::string& source, time::Date since) {
    for (const RecordState& state :
         ports_.facts.records(request_.fund, source, RecordKind::kStake, since.utc_midnight(), {})) {
      const Record& record = state.record;
      if (state.standing != Standing::kSure) continue;
      const auto converted = ports_.documents.conversion(record);
      if (!converted) continue;
      const auto movement = [&](const std::string& asset, const money::Decimal& amount) {
        CoinMovement one{source, record.key, asset, "", amount};
        one.at = record.at;
        one.date = time::utc_date(record.at);
        one.references = {record.key};
        one.what = kConversion;
        return one;
      };
      if (record.progress == Progress::kUnderWay && record.at <= books_.valued_at)
        input_.under_way.push_back(movement(converted->given_asset, -converted->given));
      if (record.progress != Progress::kDone || !converted->received) continue;
      input_.moved.push_back(movement(converted->given_asset, -converted->given));
      input_.moved.push_back(movement(converted->received_asset, *converted->received));
    }
  }

  /// Something moved there, between two blocks, that no transaction shows. Where the valuation point lies
  /// between them nobody knows on which side of it: that account is not compared by movements then. Records
  /// from before their beginning was kept are taken to have begun a day earlier.
  void add_unlisted(const std::string& source, const Record& record, const Transfer& transfer) {
    const time::Instant until = transfer.completed_at.value_or(record.at);
    const time::Instant since =
        transfer.created_at < until ? transfer.created_at : until - time::Duration::hours(24);
    if (since < books_.valued_at && books_.valued_at < until) {
      input_.torn.emplace(Place{source, transfer.account}, transfer.asset);
      return;
    }
    const bool is_in = transfer.direction == Direction::kIn;
    CoinMovement movement{source, record.key, transfer.asset, "", is_in ? transfer.amount : -transfer.amount};
    movement.at = until;
    movement.date = time::utc_date(until);
    movement.references = {record.key};
    movement.what = kUnlisted;
    movement.account = transfer.account;
    input_.moved.push_back(std::move(movement));
  }

  void add(const std::string& source, const RecordState& state, const Transfer& transfer) {
    const Record& record = state.record;
    const bool is_in = transfer.direction == Direction::kIn;
    CoinMovement movement{source, record.key, transfer.asset, "", is_in ? transfer.amount : -transfer.amount};
    const bool same_coin = transfer.fee_asset.empty() || transfer.fee_asset == transfer.asset;
    if (!is_in && transfer.fee && same_coin) movement.fee = *transfer.fee;
    // When its balance shows it, as a roll-forward counts it.
    movement.at = transfer.completed_at.value_or(state.done_since.value_or(transfer.created_at));
    if (state.done_since) movement.at = std::min(movement.at, *state.done_since);
    movement.date = time::utc_date(movement.at);
    movement.references = {record.key, transfer.id, transfer.transaction_id, transfer.client_id};
    movement.what = is_in ? "deposit" : "withdrawal";
    movement.account = transfer.account;
    if (record.progress == Progress::kDone)
      input_.moved.push_back(std::move(movement));
    else if (record.progress == Progress::kUnderWay && transfer.created_at <= books_.valued_at)
      input_.under_way.push_back(std::move(movement));
  }

  const ReconcilePorts& ports_;
  const ReconcileRequest& request_;
  const FundBooks& books_;
  ReconciliationInput input_;
  time::Date since_;
};

}  // namespace

ReconcileReport reconcile_fund(const ReconcilePorts& ports, ReconcileRequest request) {
  model::require_role(request.actor, {model::Role::kOperator, model::Role::kMaker, model::Role::kService},
                      "reconcile a fund");
  const FundBooks books = ports.books.books(request.fund, request.date);
  if (request.now < books.valued_at)
    base::refuse(request.fund.value() + " " + request.date.to_string(),
                 "is valued at " + books.valued_at.to_string() + ", which has not come");
  request.terms.prices = books.prices;
  const ReconciliationInput input = Facts(ports, request, books).collect();
  ReconcileReport report{reconcile(input, request.terms), {}};
  report.stored.date = request.date;
  report.stored.at = books.valued_at;
  report.stored.known_at = request.now;
  report.stored.actor = request.actor.id.value();
  report.stored.note = request.note;
  const ReconciliationPaper paper =
      ports.documents.paper(request.fund, books, input, request.terms, report.found);
  report.stored.document = paper.document;
  report.stored.number = ports.store.save(request.fund, report.stored, paper, report.found.breaks);
  return report;
}

}  // namespace navkeeper::custody
