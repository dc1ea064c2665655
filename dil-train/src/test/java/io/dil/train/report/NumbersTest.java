package io.dil.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "0.693147, 0.6931",
    "-0.5, -0.5",
    "1200, 1200",
    "123456, 123500",
    "0.0001, 0.0001",
    "5e-7, 5E-7",
    "1.23456e-9, 1.235E-9",
    "NaN, \u2013",
    "-Infinity, -Infinity"
  })
  void hasFourDigits(double value, String text) {
    assertEquals(text, Numbers.brief(value));
  }

  @ParameterizedTest
  @CsvSource({"0.25, +0.25", "-0.25, -0.25", "0, 0", "NaN, \u2013"})
  void aSignSaysWhichWay(double value, String text) {
    assertEquals(text, Numbers.signed(value));
  }

  @ParameterizedTest
  @CsvSource({"0.5, 50\u00a0%", "0.996, 100\u00a0%", "0, 0\u00a0%"})
  void aShareIsAPercentage(double value, String text) {
    assertEquals(text, Numbers.percent(value));
  }
}
