(** Searching by distances, quantisation and average linkage, in any norm: what a few distances say of all others.

    x, z, w             objects, queries (or codes of the objects, or centres), pivots (or other centres)
    largest n F         the largest value of F : 'I_n.+1 -> R, least n F the smallest
    \mean, centroid     see Norms.v *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Norms.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Notation largest n F := (\big[Num.max/F ord0]_(i < n.+1) F i) (only parsing).
Notation least n F := (\big[Num.min/F ord0]_(i < n.+1) F i) (only parsing).

Section AnyNorm.
Set Default Proof Using "All".  (* every statement names both laws, used or not *)
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

(* ---------------------------------------------------------------------------------------------------------- pivots *)

(** Two points' distances to a third differ by no more than the points are apart. *)
Lemma reverse_triangle u v c : N (u - c) - N (v - c) <= N (u - v).
Proof. by rewrite ler_subl_addr; apply: dist_triangle. Qed.

(** The same of the two distances' difference, whichever is larger. *)
Lemma gap_triangle (u v c : V) : `|N (u - c) - N (v - c)| <= N (u - v).
Proof. by rewrite ler_norml ler_oppl opprB reverse_triangle andbT (distC normZ u v) reverse_triangle. Qed.

Theorem pivots n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (i : 'I_n.+1) (j : 'I_p.+1) :
  largest q (fun k => `|N (z j - w k) - N (x i - w k)|) <= N (x i - z j).
Proof. by apply: bigmax_le => k; rewrite (distC normZ (x i) (z j)); apply: gap_triangle. Qed.

Theorem pivots_above n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (i : 'I_n.+1) (j : 'I_p.+1) :
  N (x i - z j) <= least q (fun k => N (x i - w k) + N (w k - z j)).
Proof. by apply: le_bigmin => k; apply: dist_triangle. Qed.

(** A centre at least twice as far from an object's centre as the object is cannot be nearer. *)
Theorem elkan n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), 2%:R * N (x i - z j) - N (z j - w k) <= 0) ->
  forall i j k, N (x i - z j) <= N (x i - w k).
Proof.
move=> far i j k; have := far i j k; rewrite subr_le0 mulr_natl mulr2n => le_far.
rewrite -(ler_add2l (N (x i - z j))); apply: le_trans le_far _.
by rewrite (distC normZ (x i) (z j)); apply: dist_triangle.
Qed.

Theorem covering_ball n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (j : 'I_p.+1) :
  N (z j - centroid n x) - largest n (fun i => N (x i - centroid n x)) <= least n (fun i => N (x i - z j)).
Proof.
have [i ->] := bigmin_attained (fun i => N (x i - z j)).
rewrite ler_subl_addr; apply: le_trans (dist_triangle normD (x i) _ _) _.
rewrite (distC normZ (z j)) ler_add2l; exact: (le_bigmax (fun i => N (x i - centroid n x))).
Qed.

(* ---------------------------------------------------------------------------------------------------- quantisation *)

Theorem symmetric_distance n (x z : 'I_n.+1 -> V) (e : R) :
  (forall l : 'I_n.+1, N (x l - z l) <= e) ->
  forall l l' : 'I_n.+1, `|N (x l - x l') - N (z l - z l')| <= 2%:R * e.
Proof.
move=> near l l'; have one (a b : 'I_n.+1 -> V) : (forall l, N (a l - b l) <= e) ->
    N (a l - a l') - N (b l - b l') <= 2%:R * e.
  move=> near_b; rewrite mulr_natl mulr2n ler_subl_addr; apply: le_trans (dist_triangle normD (b l) _ _) _.
  rewrite -addrA ler_add // [leRHS]addrC; apply: le_trans (dist_triangle normD (b l') _ _) _.
  by rewrite ler_add2l (distC normZ).
by rewrite ler_norml ler_oppl opprB !one // => i; rewrite (distC normZ).
Qed.

Lemma code_gap (u a b : V) : `|N (u - a) - N (u - b)| <= N (a - b).
Proof. by rewrite !(distC normZ u); apply: gap_triangle. Qed.

Theorem asymmetric_distance n q (x z : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (k : 'I_q.+1) (l : 'I_n.+1) :
  `|N (w k - x l) - N (w k - z l)| <= N (x l - z l).
Proof. exact: code_gap. Qed.

Theorem distance_distortion n q (x z : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) :
  \mean_(k < q.+1) \mean_(l < n.+1) (N (w k - x l) - N (w k - z l)) ^+ 2 <= \mean_(l < n.+1) N (x l - z l) ^+ 2.
Proof.
apply: mean_le => k; apply: mean_mono => l; rewrite -[leLHS]ger0_norm ?sqr_ge0 // normrX.
by apply: ler_expn2r; rewrite ?nnegrE ?(norm_ge0 normD normZ) // code_gap.
Qed.

(* ------------------------------------------------------------------------------------------------------ clustering *)

(** The point of a cluster with the least mean distance costs at most twice the best centre. *)
Theorem medoid n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  least n (fun i' => \mean_(i < n.+1) N (x i - x i')) <= 2%:R * least p (fun j => \mean_(i < n.+1) N (x i - z j)).
Proof.
have [j ->] := bigmin_attained (fun j => \mean_(i < n.+1) N (x i - z j)).
have [i' least_i'] := bigmin_attained (fun i => N (x i - z j)).
apply: le_trans (bigmin_le (fun i' => \mean_(i < n.+1) N (x i - x i')) i') _.
rewrite mulr_natl mulr2n -{1}meanD; apply: mean_mono => i; apply: le_trans (dist_triangle normD (z j) _ _) _.
by rewrite ler_add2l (distC normZ) -least_i'; apply: (bigmin_le (fun i => N (x i - z j))).
Qed.

Theorem medoid_median n (x : 'I_n.+1 -> V) (v : V) :
  least n (fun i' => \mean_(i < n.+1) N (x i - x i')) <= 2%:R * \mean_(i < n.+1) N (x i - v).
Proof.
apply: le_trans (medoid x (fun=> v) (p := 0)) _; rewrite ler_pmul2l ?ltr0n //.
exact: (bigmin_le (fun j : 'I_1 => \mean_(i < n.+1) N (x i - v)) ord0).
Qed.

Theorem average_linkage n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) :
  ((\sum_(i < n.+1) \sum_(k < q.+1) N (x i - w k)) + \sum_(j < p.+1) \sum_(k < q.+1) N (z j - w k)) /
    ((n.+1%:R + p.+1%:R) * q.+1%:R) =
  (n.+1%:R * (\mean_(i < n.+1) \mean_(k < q.+1) N (x i - w k)) +
   p.+1%:R * (\mean_(j < p.+1) \mean_(k < q.+1) N (z j - w k))) / (n.+1%:R + p.+1%:R).
Proof.
rewrite !mulVKf ?size_neq0 // -!mulr_sumr -mulrDr invfM.
by rewrite [LHS]mulrC [RHS]mulrC mulrA.
Qed.

End AnyNorm.
