/** Many runs of one base configuration: search, selection, seeds, one table and one page. */
@org.jspecify.annotations.NullMarked
package io.dil.train.sweep;
