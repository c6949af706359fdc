// Statements and attestations in a real PostgreSQL: stored whole and once, corrected by further versions.
#include <gtest/gtest.h>

#include <cctype>

#include "common/base/base64.h"
#include "common/db/errors.h"
#include "common/db/pqxx_access.h"
#include "common/json/reader.h"
#include "services/custody/adapters/account_view.h"
#include "services/custody/adapters/attest.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/record_json.h"
#include "services/custody/adapters/roll_forward_json.h"
#include "services/custody/adapters/statements.h"
#include "services/custody/domain/bip322.h"
#include "services/custody/domain/signed_message.h"
#include "tests/db/postgres_fixture.h"
#include "tests/support/signer.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;
using time::Instant;

const model::FundId kFund = model::FundId::literal("BTCETH");
const Instant kDayOne = Instant::literal("2026-03-05T00:00:00Z");
Instant at(int hours) { return kDayOne + Duration::hours(hours); }

Balance balance_of(const std::string& total, int hours) {
  Balance balance;
  balance.place = {"prime", "wallet"};
  balance.asset = model::AssetId::literal("BTC");
  balance.scale = 8;
  balance.total = Decimal::literal(total);
  balance.as_of = at(hours);
  balance.raw_sha256 = crypto::sha256(total);
  return balance;
}

CountedRecord transfer_of_amount(const std::string& id, const std::string& amount, int hours, int updated) {
  Transfer transfer;
  transfer.id = id;
  transfer.direction = Direction::kIn;
  transfer.asset = "BTC";
  transfer.amount = Decimal::literal(amount);
  transfer.account = "wallet";
  transfer.transaction_id = "ab" + id;
  transfer.created_at = at(hours);
  transfer.completed_at = at(hours);
  Record record;
  record.kind = RecordKind::kTransfer;
  record.key = id;
  record.at = at(hours);
  record.updated_at = at(updated);
  record.asset = "BTC";
  record.amount = transfer.amount;
  record.document = transfer_document(transfer, *json::parse("{\"u\":" + std::to_string(updated) + "}"));
  return {record, 1};
}

class StatementsTest : public test::PostgresTest {
 protected:
  void save(int hours, const std::string& total, std::vector<CountedRecord> transfers) {
    SyncResult result;
    result.run = {"prime", at(hours), at(hours), SyncOutcome::kDone, ""};
    result.balances = {balance_of(total, hours)};
    result.answers = {{RecordKind::kTransfer, at(-48), at(hours), at(hours), std::move(transfers)}};
    facts().save(kFund, result, at(hours), "test");
  }
  PostgresCustodyStore facts() { return PostgresCustodyStore(service_pool("custody")); }
  StatementStore statements() { return StatementStore(service_pool("custody")); }
  std::vector<StoredStatement> make(int hours) {
    auto store = facts();
    auto kept = statements();
    return make_statements(store, kept, kFund, "", time::utc_date(kDayOne), time::utc_date(at(24)), at(hours),
                           "test");
  }
  void execute(const std::string& sql) {
    service_pool("custody").transact([&](db::Transaction& transaction) { db::execute(transaction, sql); });
  }
};

TEST_F(StatementsTest, ADayIsWrittenWholeOnceAndCorrectedByAFurtherVersion) {
  save(-1, "10", {});
  save(20, "12", {transfer_of_amount("1", "2", 5, 5)});
  EXPECT_TRUE(make(20).empty()) << "the day is not over";
  const auto first = make(25);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].version, 1);
  EXPECT_TRUE(make(26).empty()) << "nothing new";
  const auto stored = statements().find(kFund, first[0].sha256);
  ASSERT_TRUE(stored);
  EXPECT_EQ(crypto::sha256(stored->document), first[0].sha256);
  const auto document = json::parse(stored->document);
  ASSERT_TRUE(document.has_value());
  const json::Value& roll = document->find("roll_forward")->as_array().at(0);
  EXPECT_EQ(roll.find("state")->as_string(), "even");
  EXPECT_EQ(roll.find("in")->as_string(), "2");
  EXPECT_EQ(roll.find("difference")->as_string(), "0");
  EXPECT_EQ(document->find("transfers")->as_array().size(), 1U);

  // The custodian corrects the transfer two days later: the first version stays, the second shows the
  // difference.
  save(50, "12", {transfer_of_amount("1", "1.9", 5, 49)});
  const auto second = make(51);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].version, 2);
  const auto corrected = json::parse(statements().find(kFund, second[0].sha256)->document);
  EXPECT_EQ(corrected->find("roll_forward")->as_array().at(0).find("difference")->as_string(), "0.1");
  EXPECT_EQ(statements().find(kFund, first[0].sha256)->document, stored->document);
  EXPECT_EQ(statements().list(kFund, {}).size(), 1U);
  StatementQuery query;
  query.all_versions = true;
  EXPECT_EQ(statements().list(kFund, query).size(), 2U);
  query.all_versions = false;
  query.known_at = at(30);
  EXPECT_EQ(statements().list(kFund, query).at(0).sha256, first[0].sha256);
  query.account = "another";
  EXPECT_TRUE(statements().list(kFund, query).empty());
}

TEST_F(StatementsTest, WithoutAReadingOfTheDayThereIsNoStatement) {
  save(-1, "10", {});
  EXPECT_TRUE(make(49).empty());
}

TEST_F(StatementsTest, WhatIsStoredCannotBeChangedNorForged) {
  save(-1, "10", {});
  save(20, "10", {});
  make(25);
  EXPECT_ANY_THROW(execute("UPDATE statement SET actor = 'x'"));
  EXPECT_ANY_THROW(execute("DELETE FROM statement"));
  EXPECT_ANY_THROW(execute(
      "INSERT INTO statement (fund_id, source, account, date, version, sha256, document, known_at_ns, "
      "actor) SELECT fund_id, source, account, date, 2, sha256, document || ' ', known_at_ns, actor FROM "
      "statement"));
  EXPECT_ANY_THROW(execute(
      "INSERT INTO statement (fund_id, source, account, date, version, sha256, document, known_at_ns, "
      "actor) SELECT fund_id, source, account, date, 3, sha256, document, known_at_ns, actor FROM "
      "statement"))
      << "a version is missing";
}

TEST_F(StatementsTest, TheRollForwardOfAnyPeriodShowsItsDifference) {
  save(-1, "10", {});
  save(20, "12", {transfer_of_amount("1", "2", 5, 5)});
  save(40, "13.5", {transfer_of_amount("1", "2", 5, 5), transfer_of_amount("2", "1", 30, 30)});
  auto store = facts();
  const auto rolls = load_rolls(store, kFund, "", {at(0), at(48)});
  ASSERT_EQ(rolls.size(), 1U);
  EXPECT_EQ(rolls[0].roll.in, Decimal::literal("3"));
  EXPECT_EQ(*rolls[0].roll.difference, Decimal::literal("0.5"));
  EXPECT_EQ(state_of(rolls[0].roll), "differs");
  EXPECT_THROW(load_rolls(store, kFund, "", {at(48), at(0)}), std::exception);
  TransferPeriod known{at(0), at(48), at(21)};
  EXPECT_EQ(load_rolls(store, kFund, "", known).at(0).roll.in, Decimal::literal("2"))
      << "as it was known then";
}

TEST_F(StatementsTest, AnAttestationIsKeptOnceWhateverItsVerdict) {
  // EIP-191's vector of the same kind as the unit tests'; a wrong signature is kept as invalid.
  VerifyRequest request;
  request.method = SignatureMethod::kEip191;
  request.address = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
  request.message = std::string("we hold this\0key", 16);
  request.signature = "0x" + std::string(130, '1');
  request.use = AddressUse::kSegregated;
  const auto keep = [&](int hours) {
    const StoredAttestation checked = checked_attestation(request, at(hours), "operator");
    return service_pool("custody").transact(
        [&](db::Transaction& transaction) { return keep_attestation(transaction, kFund, checked); });
  };
  const StoredAttestation first = keep(1);
  EXPECT_EQ(first.control, "invalid");
  EXPECT_EQ(first.address, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
  EXPECT_EQ(keep(2).verified_at, at(1)) << "the record that was there";
  const auto list = [&](const std::string& address) {
    return service_pool("custody").transact(
        [&](db::Transaction& transaction) { return list_attestations(transaction, kFund, address); });
  };
  ASSERT_EQ(list("").size(), 1U);
  EXPECT_EQ(list("")[0].message, request.message);
  EXPECT_EQ(list("")[0].use, AddressUse::kSegregated);
  EXPECT_NE(attestation_json(list(first.address)[0]).find("never a proof of completeness"),
            std::string::npos);
  EXPECT_TRUE(list("bc1q").empty());
  EXPECT_ANY_THROW(execute("UPDATE attestation SET control = 'valid'"));
  EXPECT_ANY_THROW(execute("DELETE FROM attestation"));
}

TEST_F(StatementsTest, TheSameAttestationInAnotherSpellingIsTheOneThatIsThere) {
  const tests::Signer signer(7);
  int hours = 0;
  const auto keep = [&](const VerifyRequest& request) {
    const StoredAttestation checked = checked_attestation(request, at(++hours), "operator");
    return service_pool("custody").transact(
        [&](db::Transaction& transaction) { return keep_attestation(transaction, kFund, checked); });
  };
  const auto count = [&] {
    return service_pool("custody").transact(
        [&](db::Transaction& transaction) { return list_attestations(transaction, kFund, "").size(); });
  };
  VerifyRequest request;
  request.method = SignatureMethod::kEip191;
  request.address = EthereumAddress::of(signer.key()).to_string();
  request.message = "we hold this key";
  const auto [ecdsa, recovery_id] = signer.recoverable(personal_sign_digest(request.message));
  const auto spelled = [&](const crypto::EcdsaSignature& signature, int v) {
    base::Bytes bytes(signature.r_s.begin(), signature.r_s.end());
    bytes.push_back(static_cast<std::uint8_t>(v));
    return base::to_hex(bytes);
  };
  std::string upper = spelled(ecdsa, recovery_id);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string one_spelling = "0x" + spelled(ecdsa, 27 + recovery_id);
  for (const std::string& signature : {upper, "0x" + spelled(ecdsa, recovery_id), one_spelling,
                                       spelled(ecdsa, 27 + recovery_id), "0x" + upper}) {
    request.signature = signature;
    const StoredAttestation kept = keep(request);
    EXPECT_EQ(kept.control, "valid") << signature;
    EXPECT_EQ(kept.verified_at, at(1)) << signature;
    EXPECT_EQ(kept.signature, one_spelling);
  }
  EXPECT_EQ(count(), 1U);
  // The twin with a high s is no valid one, and changes nothing of the one that is.
  request.signature = "0x" + spelled(tests::Signer::with_other_s(ecdsa), 27 + 1 - recovery_id);
  EXPECT_EQ(keep(request).control, "invalid");
  request.signature = one_spelling;
  EXPECT_EQ(keep(request).control, "valid");
  EXPECT_EQ(count(), 2U);
  // BIP-322: with its prefix, without, and as a whole transaction.
  VerifyRequest bitcoin;
  bitcoin.method = SignatureMethod::kBip322;
  bitcoin.address = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l";
  bitcoin.message = "Hello World";
  const std::string witness =
      "AkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/"
      "sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=";
  Transaction to_sign =
      bip322_to_sign(bip322_to_spend(bitcoin.message, BitcoinAddress::parse(bitcoin.address)->output));
  to_sign.inputs[0].witness = *parse_witness(*base::from_base64(witness));
  for (const std::string& signature :
       {witness, "smp" + witness, "ful" + base::to_base64(to_sign.serialised())}) {
    bitcoin.signature = signature;
    const StoredAttestation kept = keep(bitcoin);
    EXPECT_EQ(kept.control, "valid");
    EXPECT_EQ(kept.signature, "smp" + witness);
  }
  EXPECT_EQ(count(), 3U);
  // Another message is another attestation.
  request.message = "we hold this key still";
  const auto [later, later_id] = signer.recoverable(personal_sign_digest(request.message));
  request.signature = spelled(later, later_id);
  EXPECT_EQ(keep(request).control, "valid");
  EXPECT_EQ(count(), 4U);
}

TEST(AssetRolls, AChainTellsItsOwnCoinAloneAsFarAsItsBlocksWereReadAndWhereNothingIsStaked) {
  AccountHistory history;
  history.source = "chain:ethereum";
  history.tells_transfers = true;
  history.told_until = at(24);
  AccountEnds ends;
  ends.account = "0xa";
  ends.assets = {"CRO", "ETH"};
  for (const std::string& asset : ends.assets) {
    StoredBalance stored{balance_of("5", 24), at(24)};
    stored.balance.asset = model::AssetId::literal(asset);
    ends.closing.push_back(stored);
  }
  const auto told = [&] {
    std::vector<bool> found;
    for (const AssetRoll& roll : asset_rolls(history, ends, true)) found.push_back(roll.transfers_told);
    return found;
  };
  EXPECT_EQ(told(), (std::vector<bool>{false, true})) << "a token's transfers are not listed";
  ends.closing[1].balance.staked = Decimal::literal("1");
  EXPECT_EQ(told(), (std::vector<bool>{false, false})) << "rewards come without a transaction";
  ends.closing[1].balance.staked = Decimal();
  history.told_until = at(23);
  EXPECT_EQ(told(), (std::vector<bool>{false, false})) << "the walk has not come so far";
  // A token's are from the first walk that listed them on.
  history.told_until = at(24);
  StoredBalance opening{balance_of("5", 2), at(2)};
  opening.balance.asset = model::AssetId::literal("CRO");
  ends.opening.push_back(opening);
  history.listed_since = {{"CRO", at(3)}};
  EXPECT_FALSE(told()[0]);
  history.listed_since = {{"CRO", at(2)}};
  EXPECT_TRUE(told()[0]);
  history.told_until = at(23);
  history.source = "prime";
  EXPECT_EQ(told(), (std::vector<bool>{true, true}));
}

}  // namespace
}  // namespace navkeeper::custody
