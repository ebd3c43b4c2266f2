(** Plausible statements about any norm that are false, each refuted by a counterexample: on the line, the last one in
    the plane. They differ from the theorems of Karimov.v and Aggregators.v in the one place that the name says. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Norms Karimov.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Set Warnings "-inconsistent-scopes".

(** A counterexample lives on the line over some ordered field: which one does not matter. *)
Lemma some_field : exists R : realFieldType, True.
Proof. by exists [realFieldType of rat]. Qed.
Notation at_line R := (_ R [lmodType R of R^o] (fun v : R^o => `|v : R|) (@line_normD R) (@line_normZ R)).

(** The constant 1.99 in place of 2: the example of karimov_sharp. *)
Theorem karimov_199_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
      (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
      N (centroid n x - centroid n z) <= (199%:R / 100%:R) * Num.max m (farthest N n n x w)).
Proof.
have [R _] := some_field; move=> /(_ R); apply: karimov_sharp.
by rewrite ltr_pdivr_mulr ?ltr0n // -natrM ltr_nat.
Qed.

(** The nearest distance in place of the farthest: x = 0, 4, z = -1, -1, w = 0, 0, m = 1. *)
Theorem karimov_nearest_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
      (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
      N (centroid n x - centroid n z) <=
      2%:R * Num.max m (\big[Num.min/(nearest N n w (x ord0))]_(i < n.+1) nearest N n w (x i))).
Proof.
have [R _] := some_field; move=> /(at_line R) /(_ 1%N).
move=> /(_ (fun i => if i == ord0 then 0 else 4%:R) (fun=> - 1) (fun=> 0) 1).
rewrite !big_ord_recl !big_ord0 /= subrr.
rewrite normr0 subr0 normr_nat !minxx (min_r (ler0n _ _)) minxx (max_l ler01).
have -> : 2%:R^-1 *: (0 + (4%:R + 0)) - 2%:R^-1 *: (-1 + (-1 + 0)) = 3%:R :> R^o.
  by rewrite -scalerBr -[LHS]/(2%:R^-1 * (0 + (4%:R + 0) - (-1 + (-1 + 0)))); field.
rewrite normr_nat mulr1 ler_nat => absurd; suff: false by []; apply: absurd => i _ _.
by apply: le_trans (ler_sub_dist _ _) _; rewrite subr0 opprK addrC addKr normr1.
Qed.

(** The smaller of m and the farthest distance in place of the larger: x = 0, z = w = 1, m = 0. *)
Theorem karimov_smaller_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
      (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
      N (centroid n x - centroid n z) <= 2%:R * Num.min m (farthest N n n x w)).
Proof.
have [R _] := some_field; move=> /(at_line R) /(_ 0%N (fun=> 0) (fun=> 1) (fun=> 1) 0).
rewrite !big_ord_recl !big_ord0 !addr0 invr1 !scale1r !sub0r !normrN normr1 !maxxx (min_l ler01) mulr0.
rewrite (lt_geF ltr01) => absurd; suff: false by []; apply: absurd => _ _ _.
by rewrite subrr.
Qed.

(** No premise (or an m too small for it): x = w = 0, z = 1, m = 0. *)
Theorem karimov_without_premise_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
      N (centroid n x - centroid n z) <= 2%:R * Num.max m (farthest N n n x w)).
Proof.
have [R _] := some_field; move=> /(at_line R) /(_ 0%N (fun=> 0) (fun=> 1) (fun=> 0) 0).
rewrite !big_ord_recl !big_ord0 !addr0 invr1 !scale1r subr0 normr0 !maxxx mulr0 sub0r normrN normr1.
by rewrite (lt_geF ltr01).
Qed.

(** Sums of collections of different sizes: x = 1, z = 1, 1, w = 1, m = 0. No factor mends it. *)
Theorem sum_any_factor_false (c : forall (R : realFieldType), nat -> nat -> R) :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
      (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
      N ((\sum_(i < n.+1) x i) - (\sum_(j < p.+1) z j)) <=
      c R n p * (m + \mean_(i < n.+1) nearest N q w (x i))).
Proof.
have [R _] := some_field; move=> /(at_line R) /(_ 0%N 1%N 0%N (fun=> 1) (fun=> 1) (fun=> 1) 0).
rewrite !big_ord_recl !big_ord0 !addr0 (subrr 1) normr0 minxx mulr0 addr0 mulr0.
have -> : 1 - (1 + 1) = -1 :> R^o by rewrite -[LHS]/(1 - (1 + 1) : R); ring.
rewrite normrN normr1.
by rewrite (lt_geF ltr01) => absurd; suff: false by []; apply: absurd => _ _ _; rewrite subrr.
Qed.

Theorem sum_any_sizes_false :
  ~ (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
      (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
      N ((\sum_(i < n.+1) x i) - (\sum_(j < p.+1) z j)) <=
      n.+1%:R * (m + \mean_(i < n.+1) nearest N q w (x i))).
Proof. exact: (@sum_any_factor_false (fun R n _ => n.+1%:R)). Qed.

(** The p-"norm" with p = 1/2, which is none: x = (0, 0) twice, z = (1, 0), (0, 1), w = (1/2, 0) twice, m = 1/2. *)
Notation halfdist d u v := ((\sum_(l < d) Num.sqrt `|u 0 l - v 0 l|) ^+ 2) (only parsing).

Theorem karimov_half_norm_false (R : rcfType) :
  ~ (forall (d n : nat) (x z w : 'I_n.+1 -> 'rV[R]_d) (m : R),
      (forall (i j k : 'I_n.+1), halfdist d (x i) (z j) - halfdist d (x i) (w k) <= m) ->
      halfdist d (centroid n x) (centroid n z) <=
      2%:R * Num.max m
        (\big[Num.max/(\big[Num.max/halfdist d (x ord0) (w ord0)]_(k < n.+1) halfdist d (x ord0) (w k))]_(i < n.+1)
           \big[Num.max/halfdist d (x i) (w ord0)]_(k < n.+1) halfdist d (x i) (w k))).
Proof.
have half_ge0 : 0 <= 2%:R^-1 :> R by rewrite invr_ge0 ler0n.
have to_z (j : 'I_2) : halfdist 2 (0 : 'rV[R]_2) (delta_mx 0 j : 'rV[R]_2) = 1.
  rewrite !big_ord_recl big_ord0 !mxE !sub0r !normrN.
  by case: j => [[|[]]] // lt_j2; rewrite ?normr0 ?normr1 ?sqrtr0 ?sqrtr1 ?addr0 ?add0r expr1n.
have to_w : halfdist 2 (0 : 'rV[R]_2) (2%:R^-1 *: delta_mx 0 0 : 'rV[R]_2) = 2%:R^-1.
  rewrite !big_ord_recl big_ord0 !mxE !sub0r !normrN mulr1 mulr0 normr0 sqrtr0 !addr0 sqr_sqrtr ?normr_ge0 //.
  exact: ger0_norm.
have centroids : halfdist 2 (centroid 1 (fun=> 0 : 'rV[R]_2)) (centroid 1 (fun j => delta_mx 0 j : 'rV[R]_2)) = 2%:R.
  rewrite !big_ord_recl !big_ord0 !mxE /= !addr0 add0r mulr0 sub0r mulr1 normrN ger0_norm //.
  rewrite (_ : forall s : R, (s + s) ^+ 2 = 4%:R * s ^+ 2); last by move=> s; ring.
  by rewrite sqr_sqrtr //; field.
move=> /(_ 2%N 1%N (fun=> 0) (fun j => delta_mx 0 j) (fun=> 2%:R^-1 *: delta_mx 0 0) 2%:R^-1).
rewrite centroids to_w !bigmax_const maxxx divff ?pnatr_eq0 // lern1 => absurd; suff: false by [].
apply: absurd => i j k; rewrite to_z.
by rewrite ler_subl_addr -mulr2n -[leRHS]mulr_natl divff ?pnatr_eq0.
Qed.
