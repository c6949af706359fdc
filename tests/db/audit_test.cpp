// The audit log: its encoding against vectors of an independent program, and what its verifier finds.
#include "common/db/audit.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "tests/db/framework_fixture.h"

namespace navkeeper {
namespace {

using db::AuditHead;
using db::AuditRecord;
using db::AuditReport;
using db::query;
using db::Transaction;

// The vectors below are what this printed (Python 3.11):
//   import hashlib, struct
//   def s(x): x = x.encode(); return struct.pack(">Q", len(x)) + x
//   def i(n): return struct.pack(">q", n)
//   def record(service, scope, seq, previous, actor, known_at_ns, kind, payload):
//       return hashlib.sha256(s("navkeeper.audit.v1") + s(service) + s(scope) + i(seq) + previous + s(actor)
//                             + i(known_at_ns) + s(kind) + s(payload)).digest()
//   h1 = record("nav", "NK_CRYPTO", 1, bytes(32), "alice", 1767312000000000000, "nav.struck",
//   '{"nav":"24.9921"}') h2 = record("nav", "NK_CRYPTO", 2, h1, "bob", 1767312000000000001, "nav.approved",
//   '{"note":"Grüße"}') h3 = record("pricing", "shared", 1, bytes(32), "", -1, "", "") root =
//   hashlib.sha256(s("navkeeper.audit.root.v1") + s("nav") + s("NK_CRYPTO") + i(2) + h2
//                         + s("pricing") + s("shared") + i(1) + h3)
constexpr const char* kFirst = "593f0716e4da358577263d048a93947975be43c2ada79472e4734db20f14dfdf";
constexpr const char* kSecond = "6152c96cc3fd3ebe968a954f29c3e28d90290c0e666ff8b75ea06c0697527bfd";
constexpr const char* kEmpty = "41686677bf31031b4b6f9069e0decb214c2d51a65f9943a55c5c19cfc336e37c";
constexpr const char* kRoot = "c967a9122e6524ba4c199f1cce41c11a80bc1080f11a2eddfe452b2b3c6ffe46";
constexpr const char* kRootOfNothing = "d79baa84d0ffd218de3ed791881c9337478dfe194a05dce9019a99a125d39c23";

const AuditRecord kStruck{"alice", 1'767'312'000'000'000'000, "nav.struck", R"({"nav":"24.9921"})"};
const AuditRecord kApproved{"bob", 1'767'312'000'000'000'001, "nav.approved", R"({"note":"Grüße"})"};

TEST(AuditHash, IsTheOneThatAnIndependentProgramComputed) {
  const base::Bytes zero(32, 0);
  const auto first = db::audit_hash("nav", "NK_CRYPTO", 1, zero, kStruck);
  EXPECT_EQ(base::to_hex(first), kFirst);
  const auto second = db::audit_hash("nav", "NK_CRYPTO", 2, first, kApproved);
  EXPECT_EQ(base::to_hex(second), kSecond);
  const auto empty = db::audit_hash("pricing", "shared", 1, zero, {"", -1, "", ""});
  EXPECT_EQ(base::to_hex(empty), kEmpty);
  const AuditHead nav{"nav", "NK_CRYPTO", 2, second};
  const AuditHead pricing{"pricing", "shared", 1, empty};
  EXPECT_EQ(base::to_hex(db::audit_root({nav, pricing})), kRoot);
  EXPECT_EQ(base::to_hex(db::audit_root({pricing, nav})), kRoot);
  EXPECT_EQ(base::to_hex(db::audit_root({})), kRootOfNothing);
}

class AuditTest : public test::FrameworkTest {
 protected:
  void SetUp() override {
    FrameworkTest::SetUp();
    db::Pool pool = migrator();
    db::migrate(pool, read(common_tables()));
  }
  AuditHead append(const std::string& service_name, const std::string& scope, const AuditRecord& record) {
    return service(service_name).transact([&](Transaction& transaction) {
      return db::append_audit(transaction, scope, record);
    });
  }
  /// Three records of X, one of Y, one of pricing.
  void fill() {
    append("nav", "X", kStruck);
    append("nav", "X", kApproved);
    append("nav", "X", {"carol", 3, "nav.published", "{}"});
    append("nav", "Y", kStruck);
    append("pricing", "shared", {"dave", 4, "rate.published", "{}"});
  }
  AuditReport verify(const std::vector<AuditHead>& kept = {}) {
    db::TransactionOptions options;
    options.isolation = db::Isolation::kRepeatableRead;
    options.read_only = true;
    return pool_as("navkeeper_auditor", "")
        .transact([&](Transaction& transaction) { return db::verify_audit(transaction, kept); }, options);
  }
  static std::string faults(const AuditReport& report) {
    std::string text;
    for (const auto& fault : report.faults)
      text += fault.service + "/" + fault.scope + " " + std::to_string(fault.seq) + ": " + fault.what + "; ";
    return text;
  }
};

TEST_F(AuditTest, WholeChainsVerifyAndTheirHeadsAreTheLastRecords) {
  append("nav", "NK_CRYPTO", kStruck);
  const AuditHead head = append("nav", "NK_CRYPTO", kApproved);
  EXPECT_EQ(base::to_hex(head.hash), kSecond);
  fill();
  const auto report = verify();
  EXPECT_EQ(faults(report), "");
  EXPECT_EQ(report.records, 7);
  ASSERT_EQ(report.heads.size(), 4U);
  EXPECT_EQ(report.heads[0], head);
  EXPECT_EQ(report.daily_root, db::audit_root(report.heads));
  EXPECT_EQ(faults(verify(report.heads)), "");
  append("nav", "X", kStruck);
  EXPECT_EQ(faults(verify(report.heads)), "") << "a chain that grew still has its kept head in it";
}

TEST_F(AuditTest, AnEditedRecordIsFoundWhateverWasEdited) {
  for (const char* edit : {"actor = 'mallory'", "known_at_ns = known_at_ns + 1", "kind = 'other'",
                           "payload = payload || ' '", "hash = decode(repeat('00', 32), 'hex')"}) {
    tamper("TRUNCATE nav.audit, nav.audit_head, pricing.audit, pricing.audit_head");
    fill();
    tamper(std::string("UPDATE nav.audit SET ") + edit + " WHERE scope = 'X' AND seq = 2");
    EXPECT_EQ(faults(verify()).rfind("nav/X 2: its hash does not follow", 0), 0U) << edit << faults(verify());
  }
}

TEST_F(AuditTest, ARemovedRecordInTheMiddleIsFound) {
  fill();
  tamper("DELETE FROM nav.audit WHERE scope = 'X' AND seq = 2");
  EXPECT_EQ(faults(verify()),
            "nav/X 3: records 2 are gone; nav/X 3: its hash does not follow from its content and the record "
            "before it; ");
}

TEST_F(AuditTest, ACutTailIsFoundByTheHeadRowAndACleverlyCutOneByTheHeadsKeptOutside) {
  fill();
  const auto kept = verify().heads;
  tamper("DELETE FROM nav.audit WHERE scope = 'X' AND seq = 3");
  EXPECT_EQ(faults(verify()), "nav/X 2: the head row says 3 records, there are 2; ");
  tamper(
      "UPDATE nav.audit_head SET seq = 2, hash = (SELECT hash FROM nav.audit WHERE scope = 'X' AND seq = 2) "
      "WHERE scope = 'X'");
  EXPECT_EQ(faults(verify()), "") << "the chain alone cannot show it";
  EXPECT_EQ(faults(verify(kept)),
            "nav/X 2: the head kept outside the database says 3 records, there are 2; ");
}

TEST_F(AuditTest, AChainRewrittenFromTheStartIsFoundByTheHeadsKeptOutside) {
  fill();
  const auto kept = verify().heads;
  tamper("TRUNCATE nav.audit, nav.audit_head");
  append("nav", "X", kStruck);
  append("nav", "X", {"mallory", 2, "nav.approved", "{}"});
  append("nav", "X", {"carol", 3, "nav.published", "{}"});
  append("nav", "Y", kStruck);
  EXPECT_EQ(faults(verify()), "");
  EXPECT_EQ(faults(verify(kept)), "nav/X 3: its hash is not the one kept outside the database; ");
}

TEST_F(AuditTest, AChainThatIsGoneAltogetherIsFound) {
  fill();
  const auto kept = verify().heads;
  tamper("DELETE FROM nav.audit WHERE scope = 'Y'; DELETE FROM nav.audit_head WHERE scope = 'Y'");
  EXPECT_EQ(faults(verify(kept)),
            "nav/Y 0: the whole chain is gone; the head kept outside the database says 1 records; ");
}

TEST_F(AuditTest, KeptHeadsMoveForwardAlongWhatFollowsFromThemAndNoFurther) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "audit-heads";
  db::Pool pool = service("nav");
  const auto advance = [&] {
    std::string text;
    for (const auto& fault : db::advance_heads(pool, "nav", file))
      text += fault.scope + " " + std::to_string(fault.seq) + ": " + fault.what + "; ";
    return text;
  };
  const auto kept = [&] {
    std::string text;
    for (const AuditHead& head : db::read_heads(file))
      text += head.service + " " + head.scope + " " + std::to_string(head.seq) + "; ";
    return text;
  };
  fill();
  db::write_heads(file, {{"pricing", "shared", 1, base::Bytes(32, 9)}});
  EXPECT_EQ(advance(), "");
  EXPECT_EQ(kept(), "nav X 3; nav Y 1; pricing shared 1; ") << "another service's heads stay as they were";
  append("nav", "X", kStruck);
  append("nav", "X", kStruck);
  EXPECT_EQ(advance(), "");
  EXPECT_EQ(kept(), "nav X 5; nav Y 1; pricing shared 1; ");
  EXPECT_EQ(faults(verify(db::read_heads(file))).find("nav/"), std::string::npos);

  append("nav", "X", kStruck);
  tamper("UPDATE nav.audit SET actor = 'mallory' WHERE scope = 'X' AND seq = 6");
  EXPECT_EQ(advance(), "X 6: its hash does not follow from its content and the record before it; ");
  tamper(
      "DELETE FROM nav.audit WHERE scope = 'X' AND seq > 4; UPDATE nav.audit_head SET seq = 4, hash = "
      "(SELECT hash FROM nav.audit WHERE scope = 'X' AND seq = 4) WHERE scope = 'X'");
  EXPECT_EQ(advance(), "X 4: the head kept outside the database says 5 records, there are 4; ");
  append("nav", "X", {"mallory", 2, "nav.approved", "{}"});
  EXPECT_EQ(advance(), "X 5: its hash is not the one kept outside the database; ");
  tamper("TRUNCATE nav.audit, nav.audit_head");
  EXPECT_NE(advance().find("X 0: the whole chain is gone"), std::string::npos);
  EXPECT_EQ(kept(), "nav X 5; nav Y 1; pricing shared 1; ") << "nothing is written where there is a fault";
}

TEST_F(AuditTest, ATransactionRolledBackLeavesNoGapAndManyWritersMakeOneChain) {
  db::Pool pool = service("nav");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 6; ++thread)
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 15; ++round) {
        Transaction transaction = pool.begin();
        db::append_audit(transaction, "X", kStruck);
        if ((thread + round) % 3 != 0) transaction.commit();
      }
    });
  for (auto& thread : threads) thread.join();
  const auto report = verify();
  EXPECT_EQ(faults(report), "");
  ASSERT_EQ(report.heads.size(), 1U);
  EXPECT_EQ(report.heads[0].seq, 60);
}

TEST_F(AuditTest, ItsOwnServiceCannotChangeARecord) {
  fill();
  for (const char* sql : {"UPDATE audit SET actor = 'mallory'", "DELETE FROM audit", "TRUNCATE audit"}) {
    db::Pool pool = service("nav");
    EXPECT_THROW(pool.transact([&](Transaction& transaction) { query(transaction, sql); }), db::SqlError)
        << sql;
  }
}

TEST_F(AuditTest, LongChainsAreWalkedInPages) {
  db::Pool pool = service("nav");
  pool.transact([&](Transaction& transaction) {
    for (int record = 0; record < 5'003; ++record) db::append_audit(transaction, "X", kStruck);
  });
  const auto report = verify();
  EXPECT_EQ(faults(report), "");
  EXPECT_EQ(report.records, 5'003);
  EXPECT_EQ(report.heads.at(0).seq, 5'003);
}

TEST(AuditHeads, WrittenToAFileAreReadBack) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "audit-heads";
  EXPECT_TRUE(db::read_heads(file).empty());
  const std::vector<AuditHead> heads{{"nav", "X", 3, base::Bytes(32, 7)},
                                     {"pricing", "shared", 1, base::Bytes(32, 9)}};
  db::write_heads(file, heads);
  EXPECT_EQ(db::read_heads(file), heads);
  db::write_heads(file, {heads[1]});
  EXPECT_EQ(db::read_heads(file).size(), 1U);
}

TEST(AuditHeads, AFileThatIsNotOneIsRefusedWithItsLine) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "audit-heads";
  for (const char* line : {"nav X", "nav X three 00", "nav X 3 00", "nav X 0 00",
                           "nav X 3 0707070707070707070707070707070707070707070707070707070707070707 more"}) {
    std::ofstream(file) << "nav X 3 0707070707070707070707070707070707070707070707070707070707070707\n"
                        << line << "\n";
    try {
      db::read_heads(file);
      ADD_FAILURE() << line;
    } catch (const base::Refused& refused) {
      EXPECT_EQ(refused.refusal().where, file.string() + ":2");
    }
  }
}

}  // namespace
}  // namespace navkeeper
