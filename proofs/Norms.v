(** Norms, averages and couplings: what every bound that holds in any norm rests on.

      R, V, N              an ordered field, a module over it, a map V -> R with the two laws of a seminorm:
                           N (u + v) <= N u + N v  and  N (a *: v) = `|a| * N v
      N (u - v)            the distance d(u, v)
      a                    weights: non-negative, of positive sum
      pi i j               a coupling: non-negative, with row sums a i and column sums b j

    Abbreviations (for the parser only: the terms that Coq sees are the long ones)
      \mean_(i < n) F      n%:R^-1 * \sum_(i < n) F            the mean of scalars
      centroid n x         n.+1%:R^-1 *: \sum_(i < n.+1) x i    the mean of points
      share n a i          a i / \sum_(i' < n.+1) a i'          the share of point i under the weights a
      nearest N q w u      the distance from u to the nearest w k
      farthest N n q x w   the largest distance from an x i to a w k
      hausdorff_distance N n q x w  the largest distance from an x i to its nearest w k *)

From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Declare Scope norms_scope.
Notation "\mean_ ( i < n ) F" := (n%:R^-1 * (\sum_(i < n) F))
  (at level 41, F at level 41, i, n at level 50, only parsing) : norms_scope.
Notation centroid n x := (n.+1%:R^-1 *: \sum_(i < n.+1) x i) (only parsing).
Notation share n a i := (a i / \sum_(i' < n.+1) a i') (only parsing).
Notation nearest N q w u := (\big[Num.min/N (u - w ord0)]_(k < q.+1) N (u - w k)) (only parsing).
Notation farthest N n q x w :=
  (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
     \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k)) (only parsing).
Notation hausdorff_distance N n q x w :=
  (\big[Num.max/nearest N q w (x ord0)]_(i < n.+1) nearest N q w (x i)) (only parsing).
Local Open Scope norms_scope.

(* ------------------------------------------------------------------------------------------- averages of scalars *)

Section Averages.
Variables (R : realFieldType) (I : finType) (a : I -> R).
Hypothesis a_ge0 : forall i, 0 <= a i.
Implicit Types (F G : I -> R) (b : R).

Lemma average_mono F G : (forall i, F i <= G i) -> \sum_i a i * F i <= \sum_i a i * G i.
Proof. by move=> leFG; apply: ler_sum => i _; apply: ler_wpmul2l. Qed.

Hypothesis sum_a : \sum_i a i = 1.

Lemma average_const b : \sum_i a i * b = b.
Proof. by rewrite -mulr_suml sum_a mul1r. Qed.

Lemma average_shift F b : \sum_i a i * (b + F i) = b + \sum_i a i * F i.
Proof. by rewrite -[in RHS](average_const b) -big_split; apply: eq_bigr => i _; rewrite mulrDr. Qed.

Lemma average_le F b : (forall i, F i <= b) -> \sum_i a i * F i <= b.
Proof. by move=> leF; rewrite -[leRHS]average_const; apply: average_mono. Qed.

Lemma average_ge F b : (forall i, b <= F i) -> b <= \sum_i a i * F i.
Proof. by move=> leF; rewrite -[leLHS]average_const; apply: average_mono. Qed.

End Averages.

Section Shares.
Variables (R : realFieldType) (n : nat) (a : 'I_n.+1 -> R).
Hypotheses (a_ge0 : forall i, 0 <= a i) (a_gt0 : 0 < \sum_i a i).

Lemma share_ge0 i : 0 <= a i / \sum_(i' < n.+1) a i'.
Proof. by rewrite divr_ge0 // ltW. Qed.

Lemma share_sum : \sum_(i < n.+1) share n a i = 1.
Proof. by rewrite -mulr_suml divff // gt_eqF. Qed.

End Shares.

Section Means.
Variables (R : realFieldType) (n : nat).
Implicit Types (F G : 'I_n.+1 -> R) (b : R).

Lemma size_gt0 : 0 < n.+1%:R :> R. Proof. exact: ltr0Sn. Qed.
Lemma size_neq0 : n.+1%:R != 0 :> R. Proof. by rewrite pnatr_eq0. Qed.
Lemma size_inv_ge0 : 0 <= n.+1%:R^-1 :> R. Proof. by rewrite invr_ge0 ler0n. Qed.

Lemma size_inv_sum : \sum_(i < n.+1) n.+1%:R^-1 = 1 :> R.
Proof. by rewrite sumr_const card_ord -[LHS]mulr_natr mulVf ?size_neq0. Qed.

Lemma meanE F : \mean_(i < n.+1) F i = \sum_(i < n.+1) n.+1%:R^-1 * F i.
Proof. exact: mulr_sumr. Qed.

Lemma mean_mono F G : (forall i, F i <= G i) ->
  \mean_(i < n.+1) F i <= \mean_(i < n.+1) G i.
Proof. by move=> leFG; rewrite !meanE; apply: average_mono => // _; apply: size_inv_ge0. Qed.

Lemma mean_const b : \mean_(i < n.+1) b = b.
Proof. by rewrite meanE average_const // size_inv_sum. Qed.

Lemma meanD F G : \mean_(i < n.+1) (F i + G i) =
  \mean_(i < n.+1) F i + \mean_(i < n.+1) G i.
Proof. by rewrite big_split mulrDr. Qed.

Lemma mean_shift F b : \mean_(i < n.+1) (b + F i) = b + \mean_(i < n.+1) F i.
Proof. by rewrite meanD mean_const. Qed.

Lemma mean_le F b : (forall i, F i <= b) -> \mean_(i < n.+1) F i <= b.
Proof. by move=> leF; rewrite -[leRHS]mean_const; apply: mean_mono. Qed.

Lemma mean_ge F b : (forall i, b <= F i) -> b <= \mean_(i < n.+1) F i.
Proof. by move=> leF; rewrite -[leLHS]mean_const; apply: mean_mono. Qed.

End Means.

(* ---------------------------------------------------------------------------------------------------------- norms *)

Section Norms.
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

Lemma norm0 : N 0 = 0.
Proof. by rewrite -(scale0r 0) normZ normr0 mul0r. Qed.

Lemma normN v : N (- v) = N v.
Proof. by rewrite -scaleN1r normZ normrN1 mul1r. Qed.

Lemma norm_ge0 v : 0 <= N v.
Proof.
have: 0 <= N v + N v by rewrite -{2}(normN v) -norm0 -(subrr v).
by rewrite -mulr2n pmulrn_lge0.
Qed.

Lemma distC u v : N (u - v) = N (v - u).
Proof. by rewrite -normN opprB. Qed.

Lemma dist_triangle v u w : N (u - w) <= N (u - v) + N (v - w).
Proof. by rewrite -[X in N X](subrKA v); apply: normD. Qed.

Lemma norm_sub_le u v : N u - N v <= N (u - v).
Proof. by rewrite ler_subl_addr -{1}(subrK v u). Qed.

Lemma norm_sum (I : finType) (v : I -> V) : N (\sum_i v i) <= \sum_i N (v i).
Proof.
elim/big_rec2: _ => [|i b u _ le_u]; first by rewrite norm0.
exact: le_trans (normD _ _) (ler_add _ _).
Qed.

Lemma norm_average (I : finType) (a : I -> R) (v : I -> V) :
  (forall i, 0 <= a i) -> N (\sum_i a i *: v i) <= \sum_i a i * N (v i).
Proof.
move=> a_ge0; apply: le_trans (norm_sum _) _.
by apply: ler_sum => i _; rewrite normZ ger0_norm.
Qed.

(** The transport cost of any coupling bounds the distance of the weighted sums. *)
Lemma norm_coupling (I J : finType) (x : I -> V) (z : J -> V) (a : I -> R) (b : J -> R) (pi : I -> J -> R) :
  (forall i j, 0 <= pi i j) -> (forall i, \sum_j pi i j = a i) -> (forall j, \sum_i pi i j = b j) ->
  N (\sum_i a i *: x i - \sum_j b j *: z j) <= \sum_i \sum_j pi i j * N (x i - z j).
Proof.
move=> pi_ge0 rows columns.
have -> : \sum_i a i *: x i = \sum_i \sum_j pi i j *: x i.
  by apply: eq_bigr => i _; rewrite -rows scaler_suml.
have -> : \sum_j b j *: z j = \sum_i \sum_j pi i j *: z j.
  by rewrite exchange_big; apply: eq_bigr => j _; rewrite -columns scaler_suml.
rewrite -sumrB; apply: le_trans (norm_sum _) _; apply: ler_sum => i _.
rewrite -sumrB (eq_bigr (fun j => pi i j *: (x i - z j))); first exact: norm_average.
by move=> j _; rewrite scalerBr.
Qed.

(** Every point of one hull is as near every point of the other as the points are on average. *)
Lemma norm_hulls (I J : finType) (x : I -> V) (z : J -> V) (a : I -> R) (b : J -> R) :
  (forall i, 0 <= a i) -> \sum_i a i = 1 -> (forall j, 0 <= b j) -> \sum_j b j = 1 ->
  N (\sum_i a i *: x i - \sum_j b j *: z j) <= \sum_i a i * (\sum_j b j * N (x i - z j)).
Proof.
move=> a_ge0 sum_a b_ge0 sum_b.
have -> : \sum_i a i * (\sum_j b j * N (x i - z j)) = \sum_i \sum_j a i * b j * N (x i - z j).
  by apply: eq_bigr => i _; rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mulrA.
apply: norm_coupling => [i j|i|j]; first exact: mulr_ge0.
  by rewrite -mulr_sumr sum_b mulr1.
by rewrite -mulr_suml sum_a mul1r.
Qed.

(** The master bound: if z lies in every ball B(x i, r i), the hulls' points are at most the average radius apart. *)
Lemma norm_balls (I J : finType) (x : I -> V) (z : J -> V) (a : I -> R) (b : J -> R) (r : I -> R) :
  (forall i, 0 <= a i) -> \sum_i a i = 1 -> (forall j, 0 <= b j) -> \sum_j b j = 1 ->
  (forall i j, N (x i - z j) <= r i) ->
  N (\sum_i a i *: x i - \sum_j b j *: z j) <= \sum_i a i * r i.
Proof.
move=> a_ge0 sum_a b_ge0 sum_b balls; apply: le_trans (norm_hulls _ _ a_ge0 sum_a b_ge0 sum_b) _.
by apply: average_mono => // i; apply: average_le.
Qed.

Lemma centroidE n (x : 'I_n.+1 -> V) :
  centroid n x = \sum_(i < n.+1) n.+1%:R^-1 *: x i.
Proof. exact: scaler_sumr. Qed.

Lemma norm_centroids n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  N (centroid n x - centroid p z) <= \mean_(i < n.+1) \mean_(j < p.+1) N (x i - z j).
Proof.
rewrite !centroidE meanE; under [leRHS]eq_bigr do rewrite meanE.
by apply: norm_hulls => [_||_|]; rewrite ?size_inv_ge0 ?size_inv_sum.
Qed.

End Norms.
