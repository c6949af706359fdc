// COPY in binary form: what goes in comes out exactly.
#include "common/db/copy_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "common/db/pqxx_access.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper {
namespace {

using db::CopyWriter;
using db::query;
using db::Transaction;
using money::Decimal;

class CopyWriterTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    run_as_administrator(
        "DROP SCHEMA IF EXISTS sample CASCADE; CREATE SCHEMA sample; CREATE TABLE sample.row ("
        "id bigint PRIMARY KEY, small smallint, middle integer, flag boolean, name text, raw bytea, amount "
        "numeric)");
    db::PoolSettings settings = administrator_pool().settings();
    settings.schema = "sample";
    pool_ = std::make_unique<db::Pool>(settings);
  }
  void TearDown() override {
    pool_.reset();
    run_as_administrator("DROP SCHEMA sample CASCADE");
  }
  std::unique_ptr<db::Pool> pool_;
};

TEST_F(CopyWriterTest, EveryTypeComesBackAsItWent) {
  const base::Bytes raw{0, 255, 10, 92};
  pool_->transact([&](Transaction& transaction) {
    CopyWriter copy(transaction, "row", {"id", "small", "middle", "flag", "name", "raw", "amount"});
    copy.int64(std::numeric_limits<std::int64_t>::min()).int16(-32'768).int32(2'147'483'647).boolean(true);
    copy.text("tab\t, newline\n, \\N, Grüße").bytes(raw).numeric(Decimal::literal("-0.000012345")).end_row();
    copy.int64(2).null().null().null().null().null().null().end_row();
    EXPECT_EQ(copy.finish(), 2);
    const auto rows = query(transaction, "SELECT * FROM row ORDER BY id");
    EXPECT_EQ(rows[0]["id"].as<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(rows[0]["small"].as<int>(), -32'768);
    EXPECT_EQ(rows[0]["middle"].as<int>(), 2'147'483'647);
    EXPECT_TRUE(rows[0]["flag"].as<bool>());
    EXPECT_EQ(rows[0]["name"].as<std::string>(), "tab\t, newline\n, \\N, Grüße");
    EXPECT_EQ(rows[0]["raw"].as<base::Bytes>(), raw);
    EXPECT_EQ(rows[0]["amount"].as<std::string>(), "-0.000012345");
    for (int column = 1; column < 7; ++column) EXPECT_TRUE(rows[1][column].is_null());
  });
}

TEST_F(CopyWriterTest, NumericsAreExact) {
  // The server's own reading of the text is the second opinion.
  std::vector<std::string> texts{
      "0",
      "1",
      "-1",
      "10000",
      "9999",
      "0.0001",
      "0.00001",
      "123456789012345678",
      "99999999999999999999999999999999999999",
      "0.1",
      "10000.0001",
      "100000000",
      "-99999999999999999999999999999999999999.99999999999999999999999999999999999999",
      "0.00000000000000000000000000000000000001",
      "18446744073709551615",
      "18446744073709551616",
      "1844674407370955.1616",
      "25770.87",
      "1000000000000.5"};
  pool_->transact([&](Transaction& transaction) {
    CopyWriter copy(transaction, "row", {"id", "amount"});
    for (std::size_t row = 0; row < texts.size(); ++row)
      copy.int64(static_cast<std::int64_t>(row)).numeric(*Decimal::parse(texts[row])).end_row();
    const Decimal widest = Decimal::literal("0.00000000000000000000000000000000000007") *
                           Decimal::literal("0.00000000000000000000000000000000000003");
    copy.int64(100).numeric(widest).end_row();
    copy.int64(101).numeric(std::numeric_limits<money::Int128>::min(), 18).end_row();
    copy.int64(102).numeric(money::Int128{2'577'087}, 2).end_row();
    copy.finish();
    for (std::size_t row = 0; row < texts.size(); ++row) {
      const auto read = query(transaction, "SELECT amount, amount = $2::numeric FROM row WHERE id = $1",
                              static_cast<std::int64_t>(row), texts[row])[0];
      EXPECT_EQ(read[0].as<std::string>(), texts[row]);
      EXPECT_TRUE(read[1].as<bool>()) << texts[row];
    }
    const auto amount = [&](int id) {
      return query(transaction, "SELECT amount FROM row WHERE id = $1", id)[0][0];
    };
    EXPECT_EQ(amount(100).as<Decimal>(), widest);
    EXPECT_EQ(amount(101).as<std::string>(), "-170141183460469231731.687303715884105728");
    EXPECT_EQ(amount(102).as<std::string>(), "25770.87");
  });
}

RC_GTEST_FIXTURE_PROP(CopyWriterTest, AnyUnitsAtAnyScaleComeBack, ()) {
  const auto high = *rc::gen::arbitrary<std::int64_t>();
  const auto low = *rc::gen::arbitrary<std::uint64_t>();
  const auto shift = *rc::gen::inRange(0, 127);
  const auto scale = *rc::gen::inRange(0, 39);
  const money::Int128 units =
      static_cast<money::Int128>((static_cast<money::Uint128>(static_cast<std::uint64_t>(high)) << 64) |
                                 low) >>
      shift;
  const Decimal value = Decimal::of(units, scale);
  pool_->transact([&](Transaction& transaction) {
    query(transaction, "TRUNCATE row");
    CopyWriter copy(transaction, "row", {"id", "amount"});
    copy.int64(1).numeric(value).end_row();
    copy.int64(2).numeric(units, scale).end_row();
    copy.finish();
    const auto rows = query(transaction, "SELECT amount FROM row WHERE amount = $1 ORDER BY id", value);
    RC_ASSERT(rows.size() == 2U);
    RC_ASSERT(rows[0][0].template as<Decimal>() == value);
    RC_ASSERT(rows[1][0].template as<Decimal>() == value);
  });
}

TEST_F(CopyWriterTest, ManyRowsGoInAndTheTransactionGoesOn) {
  constexpr int kRows = 100'000;
  pool_->transact([&](Transaction& transaction) {
    CopyWriter copy(transaction, "row", {"id", "name", "amount"});
    for (int row = 0; row < kRows; ++row)
      copy.int64(row).text("coinbase").numeric(money::Int128{row} * 7, 8).end_row();
    EXPECT_EQ(copy.finish(), kRows);
    db::execute(transaction, "UPDATE row SET name = 'kraken' WHERE id = 5");
  });
  pool_->transact([&](Transaction& transaction) {
    const auto sums =
        query(transaction, "SELECT count(*), sum(id), sum(amount) FROM row WHERE name = 'coinbase'")[0];
    EXPECT_EQ(sums[0].as<int>(), kRows - 1);
    EXPECT_EQ(sums[1].as<std::int64_t>(), 4'999'950'000 - 5);
    EXPECT_EQ(sums[2].as<Decimal>(), Decimal::of(money::Int128{4'999'950'000 - 5} * 7, 8));
  });
}

TEST_F(CopyWriterTest, ARowThatTheTableRefusesComesOutAsItsKindAndNothingStays) {
  const auto copy_twice = [&] {
    pool_->transact([&](Transaction& transaction) {
      CopyWriter copy(transaction, "row", {"id"});
      copy.int64(1).end_row();
      copy.int64(1).end_row();
      copy.finish();
    });
  };
  EXPECT_THROW(copy_twice(), db::ConstraintViolation);
  const auto wrong_type = [&] {
    pool_->transact([&](Transaction& transaction) {
      CopyWriter copy(transaction, "row", {"id"});
      copy.int32(1).end_row();
      copy.finish();
    });
  };
  EXPECT_THROW(wrong_type(), db::SqlError);
  const auto no_table = [&] {
    pool_->transact([&](Transaction& transaction) { CopyWriter copy(transaction, "nowhere", {"id"}); });
  };
  EXPECT_THROW(no_table(), db::SqlError);
  pool_->transact([&](Transaction& transaction) {
    EXPECT_EQ(query(transaction, "SELECT count(*) FROM row")[0][0].as<int>(), 0);
  });
}

TEST_F(CopyWriterTest, LeftUnfinishedItWritesNothing) {
  const auto abandon = [&] {
    pool_->transact([&](Transaction& transaction) {
      CopyWriter copy(transaction, "row", {"id"});
      copy.int64(1).end_row();
      throw std::runtime_error("the file is bad");
    });
  };
  EXPECT_THROW(abandon(), std::runtime_error);
  pool_->transact([&](Transaction& transaction) {
    EXPECT_EQ(query(transaction, "SELECT count(*) FROM row")[0][0].as<int>(), 0);
  });
}

}  // namespace
}  // namespace navkeeper
