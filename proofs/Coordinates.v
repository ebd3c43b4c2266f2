(** Rows of numbers: variances between extremes, quantisers, Gram matrices and cosines.

    rownorm, supnorm, dot      the Euclidean and the sup norm of a row, the inner product of two
    largest, least, \mean      see Searching.v and Inner.v *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Inner Searching Filter Learning.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

Section Scalars.
Variables (R : realFieldType) (n : nat) (x : 'I_n.+1 -> R) (a b : R).
Hypothesis le_b : forall i, x i <= b.
Hypothesis ge_a : forall i, a <= x i.
Let mu := \mean_(i < n.+1) x i.

(** The mean squared deviation of numbers between a and b. *)
Lemma bhatia_davis_line : \mean_(i < n.+1) (x i - mu) ^+ 2 <= (b - mu) * (mu - a).
Proof.
rewrite -subr_ge0.
have -> : (b - mu) * (mu - a) - \mean_(i < n.+1) (x i - mu) ^+ 2 = \mean_(i < n.+1) ((b - x i) * (x i - a)).
  have expand i : (b - x i) * (x i - a) = ((b + a - 2%:R * mu) * x i + (mu ^+ 2 - a * b)) + - (x i - mu) ^+ 2 by ring.
  under [X in _ = _ * X]eq_bigr do rewrite expand.
  rewrite !meanD !sumrN !mulrN !mean_const; congr (_ - _).
  by rewrite -mulr_sumr mulrCA -/mu; ring.
by apply: le_mean => i; rewrite mulr_ge0 // subr_ge0.
Qed.

Lemma popoviciu_product (m : R) : (b - m) * (m - a) <= (b - a) ^+ 2 / 4%:R.
Proof.
rewrite ler_pdivl_mulr ?ltr0n // -subr_ge0.
have -> : (b - a) ^+ 2 - (b - m) * (m - a) * 4%:R = (b + a - 2%:R * m) ^+ 2 by ring.
exact: sqr_ge0.
Qed.

End Scalars.

(** Gram and covariance matrices have the same sum of squares. *)
Lemma gram_squares (R : comRingType) (I J : finType) (K : I -> J -> R) :
  \sum_i \sum_i' (\sum_j K i j * K i' j) ^+ 2 = \sum_j \sum_j' (\sum_i K i j * K i j') ^+ 2.
Proof.
have gather (A B : finType) (F : A -> B -> R) :
    \sum_a \sum_a' (\sum_b F a b * F a' b) ^+ 2 = \sum_a \sum_a' \sum_b \sum_b' F a b * F a' b * (F a b' * F a' b').
  by do 2!apply: eq_bigr => ? _; rewrite expr2 mulr_suml; apply: eq_bigr => ? _; rewrite mulr_sumr.
rewrite !gather.
transitivity (\sum_i \sum_j \sum_i' \sum_j' K i j * K i' j * (K i j' * K i' j')).
  by apply: eq_bigr => i _; rewrite exchange_big.
rewrite exchange_big; apply: eq_bigr => j _.
transitivity (\sum_i \sum_j' \sum_i' K i j * K i' j * (K i j' * K i' j')).
  by apply: eq_bigr => i _; rewrite exchange_big.
rewrite exchange_big; apply: eq_bigr => j' _; apply: eq_bigr => i _; apply: eq_bigr => i' _.
by rewrite mulrACA.
Qed.

Lemma split_diagonal (R : ringType) (I : finType) (F : I -> I -> R) :
  \sum_i \sum_i' F i i' = \sum_i \sum_(i' | i' != i) F i i' + \sum_i F i i.
Proof. by rewrite -big_split; apply: eq_bigr => i _; rewrite (bigD1 i) //= addrC. Qed.

(** The off-diagonal sums differ by what stands on the diagonals. *)
Lemma off_diagonal_squares (R : comRingType) (I J : finType) (K : I -> J -> R) :
  \sum_i \sum_(i' | i' != i) (\sum_j K i j * K i' j) ^+ 2 + \sum_i (\sum_j K i j ^+ 2) ^+ 2 =
  \sum_j \sum_(j' | j' != j) (\sum_i K i j * K i j') ^+ 2 + \sum_j (\sum_i K i j ^+ 2) ^+ 2.
Proof.
have := gram_squares K; rewrite !split_diagonal.
by congr (_ + _ = _ + _); apply: eq_bigr => ? _; congr (_ ^+ 2); apply: eq_bigr => ? _; rewrite expr2.
Qed.


(* ------------------------------------------------------------------------------------------------------ variances *)

Section Rows.
Variables (R : rcfType) (d n : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1).
Local Notation highest l := (\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l).
Local Notation lowest l := (\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l).
Local Notation average l := (n.+1%:R^-1 * (\sum_(i < n.+1) x i 0 l)).

Lemma row_square (F : 'I_d.+1 -> R) : Num.sqrt (\sum_(l < d.+1) F l ^+ 2) ^+ 2 = \sum_(l < d.+1) F l ^+ 2.
Proof. by rewrite sqr_sqrtr //; apply: sumr_ge0 => l _; apply: sqr_ge0. Qed.

Lemma by_coordinate (G : 'I_d.+1 -> R) :
  (forall l, \mean_(i < n.+1) (x i 0 l - average l) ^+ 2 <= G l) ->
  \mean_(i < n.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - average l) ^+ 2) ^+ 2 <= \sum_(l < d.+1) G l.
Proof.
move=> le_G; under eq_bigr do rewrite row_square.
by rewrite exchange_big /= mulr_sumr; apply: ler_sum => l _.
Qed.

Theorem bhatia_davis :
  \mean_(i < n.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - average l) ^+ 2) ^+ 2 <=
  \sum_(l < d.+1) (highest l - average l) * (average l - lowest l).
Proof.
apply: by_coordinate => l; apply: (bhatia_davis_line (x := fun i => x i 0 l)) => i.
  exact: (le_bigmax (fun i => x i 0 l)).
exact: (bigmin_le (fun i => x i 0 l)).
Qed.

Theorem popoviciu :
  \mean_(i < n.+1) Num.sqrt (\sum_(l < d.+1) (x i 0 l - average l) ^+ 2) ^+ 2 <=
  (1 / 4%:R) * Num.sqrt (\sum_(l < d.+1) (highest l - lowest l) ^+ 2) ^+ 2.
Proof.
rewrite row_square [leRHS]mulr_sumr; apply: by_coordinate => l.
apply: le_trans (bhatia_davis_line (x := fun i => x i 0 l) (b := highest l) (a := lowest l) _ _) _ => [i|i|].
- exact: (le_bigmax (fun i => x i 0 l)).
- exact: (bigmin_le (fun i => x i 0 l)).
by rewrite mul1r [leRHS]mulrC; apply: popoviciu_product.
Qed.

End Rows.

(* ------------------------------------------------------------------------------------------------------ quantisers *)

Section Quantiser.
Variables (R : rcfType) (d : nat).
Local Notation rownorm u := (Num.sqrt (\sum_(l < d.+1) (u : 'rV[R]_d.+1) 0 l ^+ 2)).

Lemma row_inner : semi_inner (fun u v : 'rV[R]_d.+1 => \sum_(l < d.+1) u 0 l * v 0 l).
Proof.
split=> [u v|a u v|u u' v|u].
- by apply: eq_bigr => l _; rewrite mulrC.
- by rewrite mulr_sumr; apply: eq_bigr => l _; rewrite mxE mulrA.
- by rewrite -big_split; apply: eq_bigr => l _; rewrite mxE mulrDl.
- by apply: sumr_ge0 => l _; rewrite -expr2 sqr_ge0.
Qed.

Lemma rownorm_distance (u v : 'rV[R]_d.+1) : Num.sqrt (\sum_(l < d.+1) (u 0 l - v 0 l) ^+ 2) = rownorm (u - v).
Proof. by congr (Num.sqrt _); apply: eq_bigr => l _; rewrite !mxE. Qed.

Variables (n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1) (D : R).
Hypothesis coded : forall k : 'I_n.+1, 2%:R * (\big[Num.max/0]_(l < d.+1) `|x k 0 l - z k 0 l|) <= D.

(** A code is as near as the diagonal of half a step is long. *)
Theorem scalar_quantiser k : Num.sqrt (\sum_(l < d.+1) (x k 0 l - z k 0 l) ^+ 2) <= (1 / 2%:R) * D * Num.sqrt d.+1%:R.
Proof.
set h := (1 / 2%:R) * D; have near l : `|x k 0 l - z k 0 l| <= h.
  rewrite /h mul1r ler_pdivl_mull ?ltr0n //; apply: le_trans (coded k); rewrite ler_pmul2l ?ltr0n //.
  exact: (le_bigmax_seed 0 (fun l => `|x k 0 l - z k 0 l|)).
have h_ge0 : 0 <= h by apply: le_trans (normr_ge0 _) (near ord0).
rewrite mulrC -[X in _ <= _ * X](ger0_norm h_ge0) -sqrtr_sqr -sqrtrM ?ler0n //; apply: ler_wsqrtr.
rewrite mulr_natl -[X in _ *+ X]card_ord -sumr_const; apply: ler_sum => l _.
by rewrite -[leLHS]ger0_norm ?sqr_ge0 // normrX; apply: ler_expn2r; rewrite ?nnegrE.
Qed.

Theorem scalar_quantiser_distances k k' :
  `|Num.sqrt (\sum_(l < d.+1) (x k 0 l - x k' 0 l) ^+ 2) - Num.sqrt (\sum_(l < d.+1) (z k 0 l - z k' 0 l) ^+ 2)| <=
  D * Num.sqrt d.+1%:R.
Proof.
have normE (u : 'rV[R]_d.+1) : rownorm u = Num.sqrt (\sum_(l < d.+1) u 0 l * u 0 l).
  by congr (Num.sqrt _); apply: eq_bigr => l _; rewrite expr2.
have normD (u v : 'rV[R]_d.+1) : rownorm (u + v) <= rownorm u + rownorm v.
  by rewrite !normE; apply: (norm_triangle row_inner).
have normZ (a : R) (v : 'rV[R]_d.+1) : rownorm (a *: v) = `|a| * rownorm v.
  by rewrite !normE; apply: (norm_homogeneous row_inner).
rewrite !rownorm_distance.
apply: le_trans (distance_filter normD normZ _ _ _ _) _; rewrite -!rownorm_distance.
apply: le_trans (ler_add (scalar_quantiser k) (scalar_quantiser k')) _.
by rewrite -mulrDl mul1r -mulrDl -mulr2n -mulr_natl mulfV ?pnatr_eq0 // mul1r.
Qed.

End Quantiser.

(* --------------------------------------------------------------------------------------------------- Gram matrices *)

Theorem contrastive_duality (R : realFieldType) (d n : nat) (x : 'I_n.+2 -> 'rV[R]_d.+2) :
  \sum_(t < d.+2) \sum_(t' < d.+2 | t' != t) (\sum_(i < n.+2) x i 0 t * x i 0 t') ^+ 2
  + \sum_(t < d.+2) (\sum_(i < n.+2) x i 0 t ^+ 2) ^+ 2 =
  \sum_(i < n.+2) \sum_(i' < n.+2 | i' != i) (\sum_(l < d.+2) x i 0 l * x i' 0 l) ^+ 2
  + \sum_(i < n.+2) (\sum_(l < d.+2) x i 0 l * x i 0 l) ^+ 2.
Proof.
exact/esym/(off_diagonal_squares (fun i t => x i 0 t)).
Qed.

(** The square of a sum of m numbers is at most m times the sum of their squares. *)
Lemma square_of_sum (R : realFieldType) m (a : 'I_m.+1 -> R) :
  (\sum_(t < m.+1) a t) ^+ 2 <= m.+1%:R * \sum_(t < m.+1) a t ^+ 2.
Proof.
have : 0 <= 2%:R * ((\mean_(i < m.+1) a i ^+ 2) - (\mean_(i < m.+1) a i) ^+ 2).
  by rewrite -scalar_pairs; do 2!apply: le_mean => ?; apply: sqr_ge0.
rewrite pmulr_rge0 ?ltr0n // subr_ge0 exprMn exprVn expr2 invfM -mulrA ler_pmul2l ?invr_gt0 ?ltr0n //.
by rewrite ler_pdivr_mull ?ltr0n.
Qed.

(** Vectors of length 1: the sum of all squared inner products is at least n^2 / d. *)
Lemma frame_potential (R : realFieldType) d n (w : 'I_n -> 'I_d.+1 -> R) :
  (forall i, \sum_(t < d.+1) w i t * w i t = 1) ->
  n%:R ^+ 2 <= d.+1%:R * \sum_(i < n) \sum_(i' < n) (\sum_(t < d.+1) w i t * w i' t) ^+ 2.
Proof.
move=> unit; rewrite gram_squares.
have -> : n%:R = \sum_(t < d.+1) \sum_(i < n) w i t * w i t.
  by rewrite exchange_big; under [RHS]eq_bigr do rewrite unit; rewrite sumr_const card_ord.
apply: le_trans (square_of_sum _) _; rewrite ler_pmul2l ?ltr0n //; apply: ler_sum => t _.
by rewrite (bigD1 t) //= ler_addl; apply: sumr_ge0 => t' _; apply: sqr_ge0.
Qed.

Lemma welch_bound (R : realFieldType) d n (w : 'I_n.+2 -> 'I_d.+1 -> R) (M : R) :
  (forall i, \sum_(t < d.+1) w i t * w i t = 1) ->
  (forall i i', i' != i -> (\sum_(t < d.+1) w i t * w i' t) ^+ 2 <= M) ->
  (n.+2%:R - d.+1%:R) / (d.+1%:R * (n.+2%:R - 1)) <= M.
Proof.
move=> unit le_M; have le_row i : \sum_(i' < n.+2) (\sum_(t < d.+1) w i t * w i' t) ^+ 2 <= 1 + n.+1%:R * M.
  rewrite (bigD1 i) //= unit expr1n ler_add2l; apply: (@le_trans _ _ (\sum_(i' < n.+2 | i' != i) M)).
    by apply: ler_sum => i'; apply: le_M.
  rewrite sumr_const -[X in X <= _]mulr_natl; have -> // : #|(fun i' : 'I_n.+2 => i' != i)| = n.+1.
  by rewrite (@eq_card _ _ (predC1 i)) ?cardC1 ?card_ord // => i'; rewrite !inE.
have := frame_potential unit; have n1 : n.+2%:R - 1 = n.+1%:R :> R by rewrite -addn1 natrD addrK.
have le_all : \sum_(i < n.+2) \sum_(i' < n.+2) (\sum_(t < d.+1) w i t * w i' t) ^+ 2 <= n.+2%:R * (1 + n.+1%:R * M).
  apply: (@le_trans _ _ (\sum_(i < n.+2) (1 + n.+1%:R * M))); first by apply: ler_sum => i _; apply: le_row.
  by rewrite sumr_const card_ord -[leLHS]mulr_natl.
move=> potential; have := le_trans potential (ler_wpmul2l (ler0n _ _) le_all).
rewrite n1 ler_pdivr_mulr ?mulr_gt0 ?ltr0n // => le_n.
have {}le_n : n.+2%:R <= d.+1%:R * (1 + n.+1%:R * M) :> R.
  by rewrite -(ler_pmul2l (x := n.+2%:R)) ?ltr0n // -expr2; apply: le_trans le_n _; rewrite mulrCA.
by rewrite ler_subl_addl; apply: le_trans le_n _; rewrite mulrDr mulr1 ler_add2l mulrA [leRHS]mulrC.
Qed.

(** Vectors of length 1 at most: the largest inner product of two of n is at least - 1 / (n - 1). *)
Lemma rankin (R : rcfType) (V : lmodType R) (ip : V -> V -> R) n (w : 'I_n.+2 -> V) (c : R) :
  semi_inner ip -> (forall i, ip (w i) (w i) <= 1) -> (forall i i', i' != i -> ip (w i) (w i') <= c) ->
  - n.+1%:R^-1 <= c.
Proof.
move=> ipP unit le_c; have := ip_ge0 ipP (\sum_(i < n.+2) w i); rewrite (ip_sum ipP).
have le_row i : \sum_(i' < n.+2) ip (w i) (w i') <= 1 + n.+1%:R * c.
  rewrite (bigD1 i) //=; apply: ler_add => //; apply: (@le_trans _ _ (\sum_(i' < n.+2 | i' != i) c)).
    by apply: ler_sum => i'; apply: le_c.
  rewrite sumr_const -[X in X <= _]mulr_natl; have -> // : #|(fun i' : 'I_n.+2 => i' != i)| = n.+1.
  by rewrite (@eq_card _ _ (predC1 i)) ?cardC1 ?card_ord // => i'; rewrite !inE.
move=> ge0; have : 0 <= \sum_(i < n.+2) (1 + n.+1%:R * c) by apply: le_trans ge0 (ler_sum _ _) => i _; apply: le_row.
rewrite sumr_const card_ord pmulrn_lge0 // => ge0c.
by rewrite -mulN1r ler_pdivr_mulr ?ltr0n // mulrC -subr_ge0 opprK addrC.
Qed.

Lemma le_bigmax_if (R : realFieldType) (I : finType) (P : pred I) (x0 : R) (F : I -> R) i :
  P i -> F i <= \big[Num.max/x0]_(j | P j) F j.
Proof.
have : i \in index_enum I by exact: mem_index_enum.
elim: (index_enum I) => // j s IHs; rewrite in_cons big_cons => /orP[/eqP<- ->|/IHs le_s /le_s le_i].
  by rewrite le_maxr lexx.
by case: ifP => // _; rewrite le_maxr le_i orbT.
Qed.

Theorem cosine_margin (R : rcfType) (d n : nat) (x : 'I_n.+2 -> 'rV[R]_d.+1) :
  1 - (\big[Num.max/(\big[Num.max/((\sum_(l < d.+1) x ord0 0 l * x (lift ord0 ord0) 0 l) /
      (Num.sqrt (\sum_(l < d.+1) x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift ord0 ord0) 0 l ^+ 2)))]_(i' < n.+2 | i' != ord0)
      ((\sum_(l < d.+1) x ord0 0 l * x i' 0 l) /
       (Num.sqrt (\sum_(l < d.+1) x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x i' 0 l ^+ 2))))]_(i < n.+2)
    \big[Num.max/((\sum_(l < d.+1) x i 0 l * x (lift i ord0) 0 l) /
      (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift i ord0) 0 l ^+ 2)))]_(i' < n.+2 | i' != i)
      ((\sum_(l < d.+1) x i 0 l * x i' 0 l) /
       (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x i' 0 l ^+ 2)))) <=
  n.+2%:R / (n.+2%:R - 1).
Proof.
pose cosine i i' := (\sum_(l < d.+1) x i 0 l * x i' 0 l) /
  (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x i' 0 l ^+ 2)).
pose most i := \big[Num.max/cosine i (lift i ord0)]_(i' < n.+2 | i' != i) cosine i i'.
set M := \big[_/_]_(i < n.+2) _.
have le_M i i' : i' != i -> cosine i i' <= M.
  move=> i'_i; apply: le_trans (le_bigmax most i).
  exact: (le_bigmax_if (P := fun i' => i' != i) _ (cosine i) i'_i).
have lengthE i : \sum_(l < d.+1) x i 0 l ^+ 2 = \sum_(l < d.+1) x i 0 l * x i 0 l.
  by apply: eq_bigr => l _; rewrite expr2.
have := rankin (w := fun i => (Num.sqrt (\sum_(l < d.+1) x i 0 l * x i 0 l))^-1 *: x i) (c := M) (row_inner R d).
move=> /(_ (fun i => unit_le1 (row_inner R d) (x i))) le_rankin.
have {}le_rankin : - n.+1%:R^-1 <= M.
  apply: le_rankin => i i' i'_i; apply: le_trans (le_M _ _ i'_i).
  by rewrite /cosine !lengthE -(cosineE (row_inner R d)).
have -> : n.+2%:R - 1 = n.+1%:R :> R by rewrite -addn1 natrD addrK.
rewrite -addn1 natrD mulrDl mul1r divff ?pnatr_eq0 // ler_add2l.
by rewrite ler_oppl.
Qed.

Theorem welch (R : rcfType) (d n : nat) (x : 'I_n.+2 -> 'rV[R]_d.+1) :
  (forall i : 'I_n.+2, 0 < Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2)) ->
  (n.+2%:R - d.+1%:R) / (d.+1%:R * (n.+2%:R - 1)) <=
  \big[Num.max/(\big[Num.max/(((\sum_(l < d.+1) x ord0 0 l * x (lift ord0 ord0) 0 l) /
      (Num.sqrt (\sum_(l < d.+1) x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift ord0 ord0) 0 l ^+ 2))) ^+ 2)]_(i' < n.+2 | i' != ord0)
      ((\sum_(l < d.+1) x ord0 0 l * x i' 0 l) /
       (Num.sqrt (\sum_(l < d.+1) x ord0 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x i' 0 l ^+ 2))) ^+ 2)]_(i < n.+2)
    \big[Num.max/(((\sum_(l < d.+1) x i 0 l * x (lift i ord0) 0 l) /
      (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x (lift i ord0) 0 l ^+ 2))) ^+ 2)]_(i' < n.+2 | i' != i)
      ((\sum_(l < d.+1) x i 0 l * x i' 0 l) /
       (Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2) * Num.sqrt (\sum_(l < d.+1) x i' 0 l ^+ 2))) ^+ 2.
Proof.
move=> x_gt0; pose r i := Num.sqrt (\sum_(l < d.+1) x i 0 l ^+ 2).
pose square i i' := ((\sum_(l < d.+1) x i 0 l * x i' 0 l) / (r i * r i')) ^+ 2.
pose most i := \big[Num.max/square i (lift i ord0)]_(i' < n.+2 | i' != i) square i i'.
have normed i i' : \sum_(l < d.+1) x i 0 l / r i * (x i' 0 l / r i') = (\sum_(l < d.+1) x i 0 l * x i' 0 l) / (r i * r i').
  by rewrite invfM mulr_suml; apply: eq_bigr => l _; rewrite mulrACA.
apply: (welch_bound (w := fun i l => x i 0 l / r i)) => [i|i i' i'_i].
  have r_sq : r i * r i = \sum_(l < d.+1) x i 0 l * x i 0 l.
    by rewrite -expr2 row_square; apply: eq_bigr => l _; rewrite expr2.
  by rewrite normed -r_sq mulfV // mulf_neq0 // gt_eqF ?x_gt0.
rewrite normed; apply: le_trans (le_bigmax most i).
exact: (le_bigmax_if (P := fun i' => i' != i) _ (square i) i'_i).
Qed.

(** The square of a covariance's trace, and the sum of the squares of its entries. *)
Theorem participation_ratio (R : realFieldType) (d n : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) :
  (\sum_(t < d.+1) n.+1%:R^-1 * (\sum_(i < n.+1) (x i 0 t - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t))
                                               * (x i 0 t - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)))) ^+ 2 <=
  d.+1%:R * (\sum_(t < d.+1) \sum_(t' < d.+1) (n.+1%:R^-1 * (\sum_(i < n.+1)
    (x i 0 t - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t)) * (x i 0 t' - n.+1%:R^-1 * (\sum_(i' < n.+1) x i' 0 t')))) ^+ 2).
Proof.
apply: le_trans (square_of_sum _) _; rewrite ler_pmul2l ?ltr0n //; apply: ler_sum => t _.
by rewrite [leRHS](bigD1 t) //= ler_addl; apply: sumr_ge0 => t' _; apply: sqr_ge0.
Qed.
