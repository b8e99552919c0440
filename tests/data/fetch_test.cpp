// Downloads from a server on loopback that cuts, lies, refuses and ignores.
#include "data/fetch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>

#include <random>

#include "archives.h"
#include "data/sets/set.h"
#include "http_server.h"

namespace gapbench::data {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Fetch : public ::testing::Test {
 protected:
  Fetch() {
    // Noise, so that the archive stays large enough to be cut in the middle.
    std::mt19937 noise(1);
    for (int i = 0; i < 200000; ++i) payload += static_cast<char>(noise());
    make_archive(scratch.path() / "made.tar.gz", {{"tiny-set/data.bin", payload}});
    archive = contents_of(scratch.path() / "made.tar.gz");
    remote = {"http://unused/",
              "tiny-set",
              true,
              {{"tiny.tar.gz", Digest::sha256, hash_bytes(Digest::sha256, archive)}}};
  }

  fs::path root() const { return scratch.path() / "root"; }
  fs::path part() const { return root() / "tiny.tar.gz.part"; }
  void fetch_from(const std::string& url) const { fetch(remote, root(), url, {}); }
  /// Nothing but what is expected in the data folder: no temporary folders, no parts.
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& e : fs::directory_iterator(root())) names.push_back(e.path().filename());
    return names;
  }
  void expect_fetched() const {
    EXPECT_EQ(contents_of(root() / "tiny-set/data.bin"), payload);
    EXPECT_THAT(left(), ::testing::ElementsAre("tiny-set"));
  }

  test::TemporaryFolder scratch;
  std::string payload;
  std::string archive;
  Remote remote;
};

TEST_F(Fetch, DownloadsChecksAndUnpacks) {
  const HttpServer server([&](const HttpRequest& r) { return whole_or_rest(r, archive); });
  std::uint64_t last = 0, total = 0;
  fetch(remote, root(), server.url() + "/mirror",
        [&](const std::string& file, std::uint64_t bytes, std::uint64_t of) {
          EXPECT_EQ(file, "tiny.tar.gz");
          EXPECT_GE(bytes, last);
          last = bytes;
          total = of;
        });
  expect_fetched();
  EXPECT_EQ(last, archive.size());
  EXPECT_EQ(total, archive.size());
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests()[0].path, "/mirror/tiny.tar.gz");
  EXPECT_FALSE(server.requests()[0].range_at);
}

TEST_F(Fetch, AConnectionCutHalfWayIsResumed) {
  const std::size_t half = archive.size() / 2;
  const HttpServer server([&](const HttpRequest& r) {
    HttpReply reply = whole_or_rest(r, archive);
    if (!r.range_at) reply.cut_at = half;
    return reply;
  });
  const std::string message = error_of([&] { fetch_from(server.url()); });
  EXPECT_THAT(message, AllOf(HasSubstr("broke off after " + std::to_string(half) + " of " +
                                       std::to_string(archive.size()) + " bytes"),
                             HasSubstr("run the same command again to resume")));
  EXPECT_THAT(left(), ::testing::ElementsAre("tiny.tar.gz.part"));
  EXPECT_EQ(contents_of(part()), archive.substr(0, half));
  std::uint64_t first = 0;
  fetch(remote, root(), server.url(), [&](const std::string&, std::uint64_t b, std::uint64_t of) {
    if (first == 0) first = b;
    EXPECT_EQ(of, archive.size());
  });
  EXPECT_GT(first, half);
  expect_fetched();
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[1].range_at, half);
}

TEST_F(Fetch, AServerThatIgnoresRangesSendsAllAgain) {
  write(part(), archive.substr(0, 1000));
  const HttpServer server([&](const HttpRequest&) { return HttpReply{.body = archive}; });
  fetch_from(server.url());
  expect_fetched();
  EXPECT_EQ(server.requests()[0].range_at, 1000U);
}

TEST_F(Fetch, APartThatIsWholeNeedsNoNetwork) {
  write(part(), archive);
  fetch_from("http://127.0.0.1:1");
  expect_fetched();
}

TEST_F(Fetch, APartThatIsTooLongStartsOver) {
  write(part(), archive + "more");
  const HttpServer server([&](const HttpRequest& r) { return whole_or_rest(r, archive); });
  fetch_from(server.url());
  expect_fetched();
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(Fetch, ACorruptedFileIsRemoved) {
  std::string bad = archive;
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
  const HttpServer server([&](const HttpRequest& r) { return whole_or_rest(r, bad); });
  EXPECT_THAT(error_of([&] { fetch_from(server.url()); }),
              AllOf(HasSubstr("has SHA-256 " + hash_bytes(Digest::sha256, bad)),
                    HasSubstr("expected " + remote.files[0].expected)));
  EXPECT_THAT(left(), ::testing::IsEmpty());
}

TEST_F(Fetch, AWrongPartIsFoundByTheDigest) {
  write(part(), std::string(1000, 'x'));
  const HttpServer server([&](const HttpRequest& r) { return whole_or_rest(r, archive); });
  EXPECT_THAT(error_of([&] { fetch_from(server.url()); }), HasSubstr("removed, fetch it again"));
  fetch_from(server.url());
  expect_fetched();
}

TEST_F(Fetch, NotFoundKeepsAnEarlierPart) {
  write(part(), archive.substr(0, 10));
  const HttpServer server(
      [](const HttpRequest&) { return HttpReply{.status = 404, .body = "no"}; });
  EXPECT_THAT(error_of([&] { fetch_from(server.url()); }), HasSubstr("the server answered 404"));
  EXPECT_EQ(contents_of(part()), archive.substr(0, 10));
}

TEST_F(Fetch, NobodyListening) {
  EXPECT_THAT(error_of([&] { fetch_from("http://127.0.0.1:1"); }),
              HasSubstr("cannot be fetched: "));
}

TEST_F(Fetch, MirrorsMayBeFoldersArchivesAndPaths) {
  const HttpServer server([&](const HttpRequest& r) { return whole_or_rest(r, archive); });
  fetch_from(server.url() + "/other-name.tgz");
  EXPECT_EQ(server.requests()[0].path, "/other-name.tgz");
  fs::remove_all(root());
  fetch_from((scratch.path() / "made.tar.gz").string());
  expect_fetched();
  fs::remove_all(root());
  write(part(), archive.substr(0, 1000));  // a file: URL resumes as well
  fs::rename(scratch.path() / "made.tar.gz", scratch.path() / "tiny.tar.gz");
  fetch_from(scratch.path().string());
  expect_fetched();
}

TEST_F(Fetch, OtherProtocolsAreRefused) {
  EXPECT_THAT(error_of([&] { fetch_from("gopher://127.0.0.1/x.tgz"); }), HasSubstr("gopher"));
}

TEST_F(Fetch, NothingInPlaceIsOverwritten) {
  write(root() / "tiny-set/mine", "x");
  EXPECT_THAT(error_of([&] { fetch_from("http://127.0.0.1:1"); }), HasSubstr("move it away"));
  EXPECT_EQ(contents_of(root() / "tiny-set/mine"), "x");
}

TEST_F(Fetch, AnArchiveWithoutItsFolder) {
  remote.folder = "other-set";
  const HttpServer server([&](const HttpRequest& r) { return whole_or_rest(r, archive); });
  EXPECT_THAT(error_of([&] { fetch_from(server.url()); }), HasSubstr("holds no folder other-set"));
  EXPECT_THAT(left(), ::testing::ElementsAre("tiny.tar.gz.part"));
}

TEST_F(Fetch, TwoAtATimeAreRefused) {
  write(part(), "x");
  const int fd = open(part().c_str(), O_RDONLY);
  ASSERT_EQ(flock(fd, LOCK_EX), 0);
  EXPECT_THAT(error_of([&] { fetch_from("http://127.0.0.1:1"); }), HasSubstr("another fetch"));
  close(fd);
}

TEST_F(Fetch, SeveralFilesOnlyTheMissingOnes) {
  const auto md5 = [](const std::string& s) { return hash_bytes(Digest::md5, s); };
  const Remote files{
      "", "set", false, {{"a", Digest::md5, md5("/a")}, {"b", Digest::md5, md5("/b")}}};
  write(root() / "set/a", "/a");
  const HttpServer server([](const HttpRequest& r) { return HttpReply{.body = r.path}; });
  fetch(files, root(), server.url(), {});
  EXPECT_EQ(contents_of(root() / "set/b"), "/b");
  EXPECT_EQ(server.requests().size(), 1U);
  write(root() / "set/a", "changed");
  EXPECT_THAT(error_of([&] { fetch(files, root(), server.url(), {}); }), HasSubstr("move it away"));
  EXPECT_EQ(contents_of(root() / "set/a"), "changed");
}

TEST_F(Fetch, AnUnwritableDataFolder) {
  write(scratch.path() / "file", "x");
  EXPECT_THAT(error_of([&] { fetch(remote, scratch.path() / "file/below", "", {}); }),
              HasSubstr("cannot be created"));
}

TEST(FetchByName, WhatCannotBeFetched) {
  const test::TemporaryFolder scratch;
  const auto refusal = [&](const char* name) {
    return error_of([&] { fetch(name, scratch.path(), "http://127.0.0.1:1", {}); });
  };
  EXPECT_THAT(refusal("synthetic10"), HasSubstr("is built in"));
  EXPECT_THAT(refusal("csv:boston"), HasSubstr("put its files into the data folder"));
  EXPECT_THAT(refusal("cifra10"), HasSubstr("did you mean \"cifar10\"?"));
  EXPECT_THAT(refusal("cifar10"), HasSubstr("http://127.0.0.1:1/cifar-10-binary.tar.gz"));
}

TEST(FetchByName, UciIsNineSetsFileByFile) {
  const auto names = sets_of("uci");
  EXPECT_EQ(names.size(), 9U);
  EXPECT_THAT(names, ::testing::Contains("csv:power-plant"));
  EXPECT_THAT(sets_of("mnist"), ::testing::ElementsAre("mnist"));
  const std::string hex = "0123456789abcdef";
  for (const std::string& name : names) {
    const auto remote = find_set(name).remote(name);
    ASSERT_TRUE(remote) << name;
    EXPECT_EQ(remote->folder, "uci/" + name.substr(4));
    // data.txt, two of columns, two a split: 20 splits, 5 of the largest set.
    EXPECT_EQ(remote->files.size(), name == "csv:protein-tertiary-structure" ? 13U : 43U) << name;
    for (const RemoteFile& file : remote->files) {
      EXPECT_EQ(file.digest, Digest::sha256);
      EXPECT_EQ(file.expected.size(), 64U);
      EXPECT_EQ(file.expected.find_first_not_of(hex), std::string::npos);
      EXPECT_EQ(file.below, name.substr(4) + "/data/");
    }
  }
  EXPECT_FALSE(find_set("csv:mine").remote("csv:mine"));
  const test::TemporaryFolder scratch;
  const HttpServer server([](const HttpRequest&) { return HttpReply{.body = "not the data"}; });
  EXPECT_THAT(error_of([&] { fetch("csv:yacht", scratch.path(), server.url() + "/mirror", {}); }),
              HasSubstr("has SHA-256 " + hash_bytes(Digest::sha256, "not the data")));
  EXPECT_EQ(server.requests().at(0).path, "/mirror/yacht/data/data.txt");
  EXPECT_FALSE(fs::exists(scratch.path() / "uci/yacht/data.txt"));
}

TEST(FetchByName, AWholeSetWithOtherContentsIsNotThePublishedOne) {
  const test::TemporaryFolder scratch;
  for (const char* name : {"train.bin", "test.bin"}) {
    const fs::path path = scratch.path() / "cifar-100-binary" / name;
    write(path, "");
    fs::resize_file(path, (name[1] == 'r' ? 50000 : 10000) * 3074);
  }
  EXPECT_THAT(error_of([&] { fetch("cifar100", scratch.path(), "http://127.0.0.1:1", {}); }),
              HasSubstr("cifar-100-binary: is there but is not the published data"));
}

TEST(FetchByName, AsksForThePublishedNames) {
  const test::TemporaryFolder scratch;
  const HttpServer server([](const HttpRequest&) { return HttpReply{.body = "not the data"}; });
  EXPECT_THAT(error_of([&] { fetch("cifar100", scratch.path(), server.url(), {}); }),
              AllOf(HasSubstr("has MD5 "), HasSubstr("expected 03b5dce01913d631647c71ecec9e9cb8")));
  EXPECT_THAT(error_of([&] { fetch("mnist", scratch.path(), server.url(), {}); }),
              HasSubstr("expected f68b3c2dcbeaaa9fbdd348bbdeb94873"));
  EXPECT_EQ(server.requests()[0].path, "/cifar-100-binary.tar.gz");
  EXPECT_EQ(server.requests()[1].path, "/train-images-idx3-ubyte.gz");
}

}  // namespace
}  // namespace gapbench::data
