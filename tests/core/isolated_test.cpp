// A process of its own: what it hands over, and every way in which it can end.
#include "core/isolated.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace gapbench {
namespace {

constexpr double long_time = 60;

/// What became of the work, which hands over nothing.
std::string how(const std::function<void()>& work, double seconds = long_time) {
  Isolated isolated([&](const Isolated::Send&) { work(); });
  EXPECT_EQ(isolated.receive(seconds), std::nullopt);
  EXPECT_EQ(isolated.receive(seconds), std::nullopt);  // and nothing more after that
  return isolated.how();
}

TEST(Isolated, HandsTextsOverInOrder) {
  const std::string large(1 << 20, 'x');  // more than a pipe holds
  Isolated isolated([&](const Isolated::Send& send) {
    send("first");
    send("");
    send(large);
  });
  EXPECT_EQ(isolated.receive(long_time), "first");
  EXPECT_EQ(isolated.receive(long_time), "");
  EXPECT_EQ(isolated.receive(long_time), large);
  EXPECT_EQ(isolated.receive(long_time), std::nullopt);
  EXPECT_EQ(isolated.how(), "");
}

TEST(Isolated, ChangesNothingHere) {
  int value = 1;
  EXPECT_EQ(how([&] { value = 2; }), "");
  EXPECT_EQ(value, 1);
}

TEST(Isolated, SaysHowItEnded) {
  EXPECT_EQ(how([] { raise(SIGKILL); }), "SIGKILL");
  EXPECT_EQ(how([] { std::exit(0); }), "ended the program with code 0");
  EXPECT_EQ(how([] { _exit(3); }), "ended the program with code 3");
  EXPECT_EQ(how([] { throw std::runtime_error("no such thing"); }),
            "ended the program with code 1: no such thing");
}

TEST(Isolated, KeepsTheLastLineThatItPrinted) {
  EXPECT_EQ(how([] {
              std::fprintf(stderr, "first\nlast words\n\n");
              raise(SIGKILL);
            }),
            "SIGKILL: last words");
}

TEST(Isolated, StopsWhatDoesNotEnd) {
  EXPECT_EQ(how(
                [] {
                  while (true) std::this_thread::yield();
                },
                0.05),
            "did not end within 0.05 s");
  // Its end of the pipe closed, still at work.
  EXPECT_EQ(how(
                [] {
                  for (int fd = 0; fd < 1024; ++fd) close(fd);
                  while (true) pause();
                },
                0.05),
            "did not end within 0.05 s");
}

TEST(Isolated, WhatCameBeforeTheEndIsThere) {
  Isolated isolated([](const Isolated::Send& send) {
    send("one");
    raise(SIGKILL);
  });
  EXPECT_EQ(isolated.receive(long_time), "one");
  EXPECT_EQ(isolated.receive(long_time), std::nullopt);
  EXPECT_EQ(isolated.how(), "SIGKILL");
}

TEST(Isolated, OneThatIsDroppedIsStopped) {
  Isolated isolated([](const Isolated::Send&) {
    while (true) pause();
  });
}

TEST(LastLine, IsTheLastThatIsNotBlank) {
  EXPECT_EQ(last_line_of("a\nb\n\n  \n"), "b");
  EXPECT_EQ(last_line_of("a"), "a");
  EXPECT_EQ(last_line_of("a\n  b c "), "b c");
  EXPECT_EQ(last_line_of(" \n"), "");
}

TEST(Signal, HasItsName) {
  EXPECT_EQ(signal_name(11), "SIGSEGV");
  EXPECT_EQ(signal_name(9), "SIGKILL");
  EXPECT_EQ(signal_name(60), "signal 60");
}

}  // namespace
}  // namespace gapbench
