#include "services/pricing/adapters/price_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/pricing/adapters/announce.h"
#include "services/pricing/adapters/policy_file.h"
#include "services/pricing/adapters/policy_fit_store.h"
#include "services/pricing/adapters/price_json.h"
#include "services/pricing/adapters/rate_store.h"

namespace navkeeper::pricing {
namespace {

base::Bytes bytes_of(const std::string& hash_hex) { return *base::from_hex(hash_hex); }
std::string hex_of(const pqxx::field& field) { return base::to_hex(field.as<base::Bytes>()); }

/// Locks the asset until the transaction ends; the last day that was priced.
std::optional<time::Date> lock_asset(db::Transaction& transaction, const model::AssetId& asset) {
  const auto rows =
      db::query(transaction,
                "INSERT INTO asset_head AS head (asset) VALUES ($1) ON CONFLICT (asset) DO UPDATE "
                "SET priced_until = head.priced_until RETURNING priced_until",
                asset);
  return db::optional_of<time::Date>(rows[0][0]);
}

Track track_of(const pqxx::row& row) {
  return {*parse_fund_act(row["act"].as<std::string>()), *parse_price_basis(row["basis"].as<std::string>())};
}

/// The determination of a price as the domain's own steps make it.
std::optional<FairValueDetermination> determination_in(db::Transaction& transaction, const StoredPrice& price,
                                                       time::Instant known_at) {
  const auto rows = db::query(transaction,
                              "SELECT trigger, reason, inputs, for_board, known_at_ns FROM determination "
                              "WHERE asset = $1 AND date = $2"
                              " AND act = $3 AND basis = $4 AND version = $5 AND known_at_ns <= $6",
                              price.key.asset, price.key.date, describe(price.key.track.act),
                              describe(price.key.track.basis), price.version, known_at);
  if (rows.empty()) return std::nullopt;
  FairValueDetermination record = open_determination(
      price.key.asset, price.key.date, price.key.track.act,
      *parse_determination_trigger(rows[0]["trigger"].as<std::string>()), rows[0]["reason"].as<std::string>(),
      inputs_from_json(rows[0]["inputs"].as<std::string>()), rows[0]["known_at_ns"].as<time::Instant>());
  record.for_board = rows[0]["for_board"].as<bool>();
  // Numbers go on from those of the price's earlier versions: an approval means one alone.
  record.number =
      db::query(transaction,
                "SELECT count(*)::integer FROM determination_step WHERE asset = $1 AND date = $2 AND act "
                "= $3 AND basis = $4 AND version < $5 AND kind = 'determined'",
                price.key.asset, price.key.date, describe(price.key.track.act),
                describe(price.key.track.basis), price.version)[0][0]
          .as<int>();
  for (const auto& row : db::query(
           transaction,
           "SELECT kind, price, actor, method, inputs, for_board, known_at_ns FROM determination_step "
           "WHERE asset = $1 AND date = $2 AND act = $3 AND basis = $4 AND version = $5 AND known_at_ns "
           "<= $6 ORDER BY step",
           price.key.asset, price.key.date, describe(price.key.track.act), describe(price.key.track.basis),
           price.version, known_at)) {
    const auto by = db::name_of<model::ActorId>(row["actor"]);
    const auto at = row["known_at_ns"].as<time::Instant>();
    const bool determined = row["kind"].as<std::string>() == "determined";
    auto after =
        determined
            ? determine(record,
                        {row["price"].as<money::Decimal>(), row["method"].as<std::string>(),
                         inputs_from_json(row["inputs"].as<std::string>()), by, row["for_board"].as<bool>()},
                        at)
            : approve(record, by, at);
    ENSURE(after.has_value());
    record = *std::move(after);
  }
  return record;
}

constexpr const char* kPriceColumns =
    "asset, date, act, basis, version, value, rung, stands, valuation_ns, input_hash, document, known_at_ns, "
    "actor";

StoredPrice price_of(db::Transaction& transaction, const pqxx::row& row, time::Instant known_at) {
  StoredPrice price(
      PriceKey{db::name_of<model::AssetId>(row["asset"]), row["date"].as<time::Date>(), track_of(row)});
  price.version = row["version"].as<std::int32_t>();
  price.value = db::optional_of<money::Decimal>(row["value"]);
  price.rung = db::optional_of<std::string>(row["rung"]).value_or("");
  price.stands = row["stands"].as<bool>();
  price.valuation = row["valuation_ns"].as<time::Instant>();
  price.input_hash_hex = hex_of(row["input_hash"]);
  price.document = row["document"].as<std::string>();
  price.known_at = row["known_at_ns"].as<time::Instant>();
  price.actor = row["actor"].as<std::string>();
  price.determination = determination_in(transaction, price, known_at);
  return price;
}

std::optional<StoredPrice> price_in(db::Transaction& transaction, const PriceKey& key,
                                    time::Instant known_at) {
  const auto rows =
      db::query(transaction,
                std::string("SELECT ") + kPriceColumns +
                    " FROM price WHERE asset = $1 AND date = $2 AND act = $3 AND basis = $4 AND "
                    "known_at_ns <= $5 ORDER BY version DESC LIMIT 1",
                key.asset, key.date, describe(key.track.act), describe(key.track.basis), known_at);
  if (rows.empty()) return std::nullopt;
  return price_of(transaction, rows[0], known_at);
}

constexpr const char* kManualColumns =
    "SELECT m.number, m.value, m.source, m.proposed_by, m.known_at_ns, a.approved_by, a.known_at_ns AS "
    "approved_at_ns FROM manual_price m LEFT JOIN manual_price_approval a USING (asset, date, number) WHERE "
    "m.asset = $1 AND m.date = $2 ";

StoredManualPrice manual_of(const pqxx::row& row) {
  ManualPrice price{row["value"].as<money::Decimal>(),
                    row["source"].as<std::string>(),
                    db::name_of<model::ActorId>(row["proposed_by"]),
                    row["known_at_ns"].as<time::Instant>(),
                    std::nullopt,
                    std::nullopt};
  if (!row["approved_by"].is_null()) {
    price.approved_by = db::name_of<model::ActorId>(row["approved_by"]);
    price.approved_at = row["approved_at_ns"].as<time::Instant>();
  }
  return {row["number"].as<std::int32_t>(), std::move(price)};
}

/// Newest first; the approved ones first where that is asked.
std::vector<StoredManualPrice> manual_in(db::Transaction& transaction, const model::AssetId& asset,
                                         time::Date date, const char* order) {
  std::vector<StoredManualPrice> found;
  for (const auto& row : db::query(transaction, std::string(kManualColumns) + order, asset, date))
    found.push_back(manual_of(row));
  return found;
}

std::string fact_of(const StoredPrice& price) {
  json::Writer writer;
  write_price(writer, price, false);
  return json::to_canonical(*json::parse(writer.take()));
}

std::string manual_fact(const model::AssetId& asset, time::Date date, const StoredManualPrice& manual) {
  json::Writer writer;
  writer.begin_object();
  if (manual.price.approved_by)
    writer.member("approved_by", std::string_view(manual.price.approved_by->value()));
  writer.member("asset", std::string_view(asset.value()))
      .member("date", std::string_view(date.to_string()))
      .member("number", std::int64_t{manual.number})
      .member("proposed_by", std::string_view(manual.price.proposed_by.value()))
      .member("source", std::string_view(manual.price.source))
      .member("value", manual.price.value)
      .end_object();
  return writer.take();
}

std::string inputs_text(const std::vector<DeterminationInput>& inputs) {
  json::Writer writer;
  write_inputs(writer, inputs);
  return writer.take();
}

}  // namespace

SqlPriceStore SqlPriceStore::under(const db::Lease& lease) const {
  SqlPriceStore fenced(*this);
  fenced.lease_ = lease;
  return fenced;
}

SqlPriceStore SqlPriceStore::keyed(const db::KeyedRequest& request) const {
  SqlPriceStore keyed(*this);
  keyed.request_ = request;
  return keyed;
}

std::optional<db::StoredAnswer> SqlPriceStore::stored_answer() {
  ENSURE(request_.has_value());
  return pool_.transact(
      [&](db::Transaction& transaction) { return db::find_answer(transaction, *request_); });
}

void SqlPriceStore::write(const std::function<std::string(db::Transaction&)>& effect) {
  pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::renew_lease(transaction, *lease_, kStrikeLease);
    db::write_once(transaction, request_, effect);
  });
}

SqlPriceStore::Applied SqlPriceStore::apply(const std::string& toml, const std::string& file,
                                            time::Instant known_at, const std::string& actor) {
  return std::move(apply(std::vector<PolicyText>{{toml, file}}, known_at, actor).front());
}

std::vector<SqlPriceStore::Applied> SqlPriceStore::apply(const std::vector<PolicyText>& texts,
                                                         time::Instant known_at, const std::string& actor) {
  std::vector<Applied> applied;
  std::set<model::AssetId> assets;
  for (const PolicyText& text : texts) {
    StoredPolicy policy(base::value_or_refuse(parse_policy(text.toml, text.file)));
    policy.hash_hex = crypto::sha256_hex(text.toml);
    policy.toml = text.toml;
    policy.actor = actor;
    policy.known_at = known_at;
    assets.insert(policy.policy.asset);
    applied.push_back({std::move(policy), false});
  }
  write([&](db::Transaction& transaction) -> std::string {
    // In one order, so that two who store several do not wait for each other.
    std::map<model::AssetId, std::optional<time::Date>> priced_until;
    for (const model::AssetId& asset : assets) priced_until[asset] = lock_asset(transaction, asset);
    std::string body = "{}";
    for (std::size_t i = 0; i < texts.size(); ++i)
      body =
          apply_one(transaction, applied[i], priced_until.at(applied[i].policy.policy.asset), texts[i].file);
    return body;
  });
  return applied;
}

std::string SqlPriceStore::apply_one(db::Transaction& transaction, Applied& applied,
                                     const std::optional<time::Date>& priced_until, const std::string& file) {
  StoredPolicy& policy = applied.policy;
  std::vector<StoredPolicy> versions = policies_in(transaction, policy.policy.asset);
  applied.is_new = versions.empty() || versions.back().hash_hex != policy.hash_hex;
  policy.version = versions.empty() ? 1 : versions.back().version + (applied.is_new ? 1 : 0);
  if (!applied.is_new) return "{}";
  if (priced_until && policy.policy.effective_from <= *priced_until)
    base::refuse(file, policy.policy.asset.value() + " has been priced until " + priced_until->to_string() +
                           ": a changed policy must say effective_from a later day");
  refuse_unfit_policy(transaction, policy, file);
  versions.push_back(policy);
  refuse_policy_that_tokens_need(transaction, versions, file);
  if (const auto history = policy_history(versions); history.has_error())
    throw base::Refused(history.error().within(file));
  db::execute(transaction,
              "INSERT INTO valuation_policy (asset, version, effective_from, effective_to, toml, hash, "
              "known_at_ns, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              policy.policy.asset, policy.version, policy.policy.effective_from, policy.policy.effective_to,
              policy.toml, bytes_of(policy.hash_hex), policy.known_at, policy.actor);
  json::Writer fact;
  fact.begin_object().member("asset", std::string_view(policy.policy.asset.value()));
  fact.member("effective_from", std::string_view(policy.policy.effective_from.to_string()));
  fact.member("hash", std::string_view(policy.hash_hex))
      .member("version", std::int64_t{policy.version})
      .end_object();
  std::string body = fact.take();
  announce(transaction, "valuation_policy_applied", body, policy.actor, policy.known_at);
  return body;
}

std::vector<StoredPolicy> SqlPriceStore::policies(const model::AssetId& asset) {
  return pool_.transact([&](db::Transaction& transaction) { return policies_in(transaction, asset); });
}

std::vector<model::AssetId> SqlPriceStore::assets() {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<model::AssetId> found;
    for (const auto& row :
         db::query(transaction, "SELECT DISTINCT asset FROM valuation_policy ORDER BY asset"))
      found.push_back(db::name_of<model::AssetId>(row[0]));
    return found;
  });
}

std::optional<StoredPolicy> SqlPriceStore::policy_on(const model::AssetId& asset, time::Date date) {
  const auto versions = policies(asset);
  if (versions.empty()) return std::nullopt;
  const auto history = Dated<StoredPolicy>::of(policy_history(versions).value()).value();
  const StoredPolicy* const found = history.on(date);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::vector<StoredManualPrice> SqlPriceStore::manual_prices(const model::AssetId& asset, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return manual_in(transaction, asset, date, "ORDER BY m.number"); });
}

std::optional<StoredManualPrice> SqlPriceStore::manual(const model::AssetId& asset, time::Date date) {
  const auto found = pool_.transact([&](db::Transaction& transaction) {
    return manual_in(transaction, asset, date, "ORDER BY (a.approved_by IS NULL), m.number DESC LIMIT 1");
  });
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<StoredManualPrice> SqlPriceStore::newest_manual(const model::AssetId& asset, time::Date date) {
  const auto found = pool_.transact([&](db::Transaction& transaction) {
    return manual_in(transaction, asset, date, "ORDER BY m.number DESC LIMIT 1");
  });
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::int32_t SqlPriceStore::propose_manual(const model::AssetId& asset, time::Date date,
                                           const ManualPrice& price) {
  std::int32_t number = 0;
  write([&](db::Transaction& transaction) {
    lock_asset(transaction, asset);
    number = db::query(transaction,
                       "SELECT coalesce(max(number), 0) + 1 FROM manual_price WHERE asset = $1 AND date = $2",
                       asset, date)[0][0]
                 .as<std::int32_t>();
    db::execute(
        transaction,
        "INSERT INTO manual_price (asset, date, number, value, source, proposed_by, known_at_ns) VALUES "
        "($1, $2, $3, $4, $5, $6, $7)",
        asset, date, number, price.value, price.source, price.proposed_by, price.proposed_at);
    std::string fact = manual_fact(asset, date, {number, price});
    announce(transaction, "manual_price_proposed", fact, price.proposed_by.value(), price.proposed_at);
    return fact;
  });
  return number;
}

void SqlPriceStore::approve_manual(const model::AssetId& asset, time::Date date,
                                   const StoredManualPrice& price, const model::ActorId& by,
                                   time::Instant now) {
  write([&](db::Transaction& transaction) {
    lock_asset(transaction, asset);
    const auto newest = manual_in(transaction, asset, date, "ORDER BY m.number DESC LIMIT 1");
    if (newest.empty() || newest.front().number != price.number || newest.front().price.approved_by)
      throw base::Conflict(asset.value() + " " + date.to_string() +
                           ": another price was proposed or approved meanwhile");
    db::execute(
        transaction,
        "INSERT INTO manual_price_approval (asset, date, number, proposed_by, approved_by, known_at_ns) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        asset, date, price.number, price.price.proposed_by, by, now);
    StoredManualPrice approved = price;
    approved.price.approved_by = by;
    std::string fact = manual_fact(asset, date, approved);
    announce(transaction, "manual_price_approved", fact, by.value(), now);
    return fact;
  });
}

std::optional<StoredPrice> SqlPriceStore::price(const PriceKey& key, time::Instant known_at) {
  return pool_.transact([&](db::Transaction& transaction) { return price_in(transaction, key, known_at); });
}

std::vector<StoredPrice> SqlPriceStore::prices_before(const PriceKey& key, std::size_t count) {
  Query query;
  query.asset = key.asset;
  query.track = key.track;
  query.to = key.date - 1;
  query.count_max = static_cast<int>(std::min<std::size_t>(count, 1'000));
  auto found = find(query);
  std::reverse(found.begin(), found.end());
  return found;
}

std::optional<StoredPrice> SqlPriceStore::official_before(const PriceKey& key) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<StoredPrice> {
    const auto rows =
        db::query(transaction,
                  std::string("SELECT ") + kPriceColumns +
                      " FROM (SELECT DISTINCT ON (date) * FROM price WHERE asset = $1 AND act = $2 AND "
                      "basis = $3 AND date < $4 ORDER BY date DESC, version DESC) p WHERE stands OR EXISTS "
                      "(SELECT FROM determination_step s WHERE s.asset = p.asset AND s.date = p.date AND "
                      "s.act = p.act AND s.basis = p.basis AND s.version = p.version AND s.kind = "
                      "'approved') ORDER BY date DESC LIMIT 1",
                  key.asset, describe(key.track.act), describe(key.track.basis), key.date);
    if (rows.empty()) return std::nullopt;
    return price_of(transaction, rows[0], time::Instant::latest());
  });
}

std::vector<StoredPrice> SqlPriceStore::find(const Query& query) {
  return pool_.transact([&](db::Transaction& transaction) {
    const auto word = [&](auto of) {
      return query.track ? std::optional<std::string>(std::string(describe(of(*query.track)))) : std::nullopt;
    };
    std::vector<StoredPrice> found;
    for (const auto& row :
         db::query(transaction,
                   std::string("SELECT DISTINCT ON (p.date, p.asset, p.act, p.basis) ") + kPriceColumns +
                       " FROM price p WHERE ($1::text IS NULL OR p.asset = $1) AND ($2::text IS NULL OR "
                       "p.act = $2) AND "
                       "($3::text IS NULL OR p.basis = $3) AND ($4::date IS NULL OR p.date >= $4) AND "
                       "($5::date IS NULL "
                       "OR p.date <= $5) AND p.valuation_ns <= $6 AND p.known_at_ns <= $7 AND (NOT $8 OR "
                       "EXISTS (SELECT "
                       "FROM determination d WHERE d.asset = p.asset AND d.date = p.date AND d.act = p.act "
                       "AND d.basis "
                       "= p.basis AND d.version = p.version)) ORDER BY p.date DESC, p.asset, p.act, p.basis, "
                       "p.version "
                       "DESC LIMIT $9",
                   query.asset ? std::optional(query.asset->value()) : std::nullopt,
                   word([](const Track& track) { return track.act; }),
                   word([](const Track& track) { return track.basis; }), query.from, query.to, query.as_of,
                   query.known_at, query.determinations_only, query.count_max))
      found.push_back(price_of(transaction, row, query.known_at));
    return found;
  });
}

PriceStore::Saved SqlPriceStore::save(const NewPrice& price) {
  std::optional<StoredPrice> stored;
  bool is_new = false;
  write([&](db::Transaction& transaction) -> std::string {
    lock_asset(transaction, price.key.asset);
    StoredPrice fresh(price.key);
    fresh.document = to_document(price);
    fresh.input_hash_hex = crypto::sha256_hex(fresh.document);
    fresh.version = 1;
    if (auto newest = price_in(transaction, price.key, time::Instant::latest())) {
      is_new = newest->input_hash_hex != fresh.input_hash_hex;
      if (!is_new) {
        stored = *std::move(newest);
        return fact_of(*stored);
      }
      fresh.version = newest->version + 1;
      fresh.known_at =
          newest->known_at;  // Where a clock was ahead then: no version is known before the last.
    }
    is_new = true;
    const LadderOutcome& outcome = price.price.outcome;
    if (outcome.price) fresh.value = value_of(*outcome.price);
    if (outcome.rung) fresh.rung = describe(*outcome.rung);
    fresh.stands = price.price.stands;
    fresh.valuation = price.facts.valuation;
    fresh.known_at = std::max(fresh.known_at, price.facts.now);
    fresh.actor = price.actor;
    fresh.determination = price.price.determination;
    if (fresh.determination) fresh.determination->opened_at = fresh.known_at;
    const auto act = describe(price.key.track.act);
    const auto basis = describe(price.key.track.basis);
    db::execute(transaction,
                std::string("INSERT INTO price (policy_version, ") + kPriceColumns +
                    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                price.policy.version, price.key.asset, price.key.date, act, basis, fresh.version, fresh.value,
                fresh.rung.empty() ? std::nullopt : std::optional(fresh.rung), fresh.stands, fresh.valuation,
                bytes_of(fresh.input_hash_hex), fresh.document, fresh.known_at, fresh.actor);
    db::execute(transaction,
                "UPDATE asset_head SET priced_until = greatest(priced_until, $2::date) WHERE asset = $1",
                price.key.asset, price.key.date);
    if (const auto& opened = fresh.determination)
      db::execute(transaction,
                  "INSERT INTO determination (asset, date, act, basis, version, trigger, reason, inputs, "
                  "for_board, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  price.key.asset, price.key.date, act, basis, fresh.version, describe(opened->trigger),
                  opened->reason, inputs_text(opened->inputs), opened->for_board, fresh.known_at);
    std::string fact = fact_of(fresh);
    announce(transaction, "price_published", fact, fresh.actor, fresh.known_at);
    if (fresh.determination) announce(transaction, "determination_opened", fact, fresh.actor, fresh.known_at);
    stored = std::move(fresh);
    return fact;
  });
  if (!stored) {  // a twin with the same key stored it
    stored = this->price(price.key, time::Instant::latest());
    ENSURE(stored.has_value());
  }
  return {*std::move(stored), is_new};
}

void SqlPriceStore::add_step(const StoredPrice& price, const FairValueDetermination& after,
                             const std::vector<DeterminationInput>& inputs, const model::ActorId& actor,
                             time::Instant now) {
  write([&](db::Transaction& transaction) {
    lock_asset(transaction, price.key.asset);
    const auto newest = price_in(transaction, price.key, time::Instant::latest());
    if (!newest || newest->version != price.version || newest->determination != price.determination)
      throw base::Conflict(price.key.to_string() + ": changed meanwhile; look at it again");
    const auto act = describe(price.key.track.act);
    const auto basis = describe(price.key.track.basis);
    const auto last =
        db::query(transaction,
                  "SELECT step, kind, price, actor FROM determination_step WHERE asset = $1 AND "
                  "date = $2 AND act = $3 AND basis = $4 AND version = $5 ORDER BY step DESC LIMIT 1",
                  price.key.asset, price.key.date, act, basis, price.version);
    const bool is_first = last.empty();
    const bool approved = after.state == DeterminationState::kApproved;
    const auto before = [&](const char* column) {
      return is_first ? std::nullopt : std::optional(last[0][column].as<std::string>());
    };
    db::execute(
        transaction,
        "INSERT INTO determination_step (asset, date, act, basis, version, step, kind, price, actor, "
        "method, inputs, for_board, known_at_ns, before_step, before_kind, before_price, before_actor) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::numeric, $17)",
        price.key.asset, price.key.date, act, basis, price.version,
        is_first ? 1 : last[0]["step"].as<int>() + 1, approved ? "approved" : "determined", *after.price,
        actor, approved ? std::string() : after.method, inputs_text(inputs), after.for_board, now,
        is_first ? std::nullopt : std::optional(last[0]["step"].as<int>()), before("kind"), before("price"),
        before("actor"));
    StoredPrice changed = price;
    changed.determination = after;
    std::string fact = fact_of(changed);
    announce(transaction, approved ? "determination_approved" : "determination_made", fact, actor.value(),
             now);
    return fact;
  });
}

std::optional<JobPlace> SqlPriceStore::place(JobSubject subject, const std::string& id) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<JobPlace> {
    const auto rows = db::query(transaction,
                                subject == JobSubject::kIndex
                                    ? "SELECT job_from, job_until FROM index_head WHERE index_id = $1"
                                    : "SELECT job_from, job_until FROM asset_head WHERE asset = $1",
                                id);
    if (rows.empty() || rows[0][0].is_null()) return std::nullopt;
    return JobPlace{rows[0][0].as<time::Date>(), db::optional_of<time::Date>(rows[0][1])};
  });
}

void SqlPriceStore::set_place(JobSubject subject, const std::string& id, const JobPlace& place) {
  write([&](db::Transaction& transaction) {
    db::execute(
        transaction,
        subject == JobSubject::kIndex
            ? "INSERT INTO index_head (index_id, job_from, job_until) VALUES ($1, $2, $3) ON CONFLICT "
              "(index_id) DO UPDATE SET job_from = EXCLUDED.job_from, job_until = EXCLUDED.job_until"
            : "INSERT INTO asset_head (asset, job_from, job_until) VALUES ($1, $2, $3) ON CONFLICT "
              "(asset) DO UPDATE SET job_from = EXCLUDED.job_from, job_until = EXCLUDED.job_until",
        id, place.from, place.until);
    return std::string("{}");
  });
}

}  // namespace navkeeper::pricing
