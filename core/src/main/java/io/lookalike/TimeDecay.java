package io.lookalike;

/** How much a sale still counts after so many days. */
interface TimeDecay {

  /** For ages below, in days, what takes long to compute is kept. */
  int TABLE = 2048;

  /** The weight of what was sold so many days ago, from 0 to 1; age 0 is today. */
  double weight(long age);

  /** The weights of all days from an age to today, added up. */
  double sum(long age);

  /** From this age on the weight is 0. */
  long end();

  static TimeDecay window(int days) {
    return new TimeDecay() {
      @Override
      public double weight(long age) {
        return age < days ? 1 : 0;
      }

      @Override
      public double sum(long age) {
        return Math.min(age + 1, days);
      }

      @Override
      public long end() {
        return days;
      }

      @Override
      public String toString() {
        return "of " + days + " days";
      }
    };
  }

  private static double geometricSum(double rate, long age) {
    return Math.expm1(rate * (age + 1)) / Math.expm1(rate);
  }

  static TimeDecay decay(double halfLife) {
    if (!(halfLife > 0) || !Double.isFinite(halfLife)) {
      throw new IllegalArgumentException(
          "the half-life is " + halfLife + " days, expected more than 0");
    }
    double rate = -Math.log(2) / halfLife;
    var weights = new double[TABLE];
    var sums = new double[TABLE];
    for (int age = 0; age < TABLE; age++) {
      weights[age] = Math.exp(rate * age);
      sums[age] = geometricSum(rate, age);
    }
    return new TimeDecay() {
      @Override
      public double weight(long age) {
        return age < TABLE ? weights[(int) age] : Math.exp(rate * age);
      }

      @Override
      public double sum(long age) {
        return age < TABLE ? sums[(int) age] : geometricSum(rate, age);
      }

      @Override
      public long end() {
        return Long.MAX_VALUE;
      }

      @Override
      public String toString() {
        return "with a half-life of " + halfLife + " days";
      }
    };
  }
}
