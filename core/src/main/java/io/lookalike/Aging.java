package io.lookalike;

/** How much a sale still counts after so many days. */
interface Aging {

  /** The weight of what was sold so many days ago, from 0 to 1; age 0 is today. */
  double weight(long age);

  /** The weights of all days from an age to today, added up. */
  double sum(long age);

  /** From this age on the weight is 0. */
  long end();

  static Aging window(int days) {
    return new Aging() {
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
    };
  }

  static Aging decay(double halfLife) {
    if (!(halfLife > 0) || !Double.isFinite(halfLife)) {
      throw new IllegalArgumentException(
          "the half-life is " + halfLife + " days, expected more than 0");
    }
    double rate = -Math.log(2) / halfLife;
    return new Aging() {
      @Override
      public double weight(long age) {
        return Math.exp(rate * age);
      }

      @Override
      public double sum(long age) { // of a geometric series
        return Math.expm1(rate * (age + 1)) / Math.expm1(rate);
      }

      @Override
      public long end() {
        return Long.MAX_VALUE;
      }
    };
  }
}
