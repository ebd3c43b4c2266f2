(** Theorem K (P. Karimov, "Representation learning of data collections", MIPT, 2024) and its chain.

      x, z, w                    the embedded points of three collections; x and z are of one class, w of another
      n.+1, p.+1, q.+1           how many points they have
      n.+1%:R^-1 *: \sum_i x i   the centroid of x
      m                          the bound of the triplet premise N (x i - z j) - N (x i - w k) <= m *)

From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require Import Extrema Norms.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Section AnyNorm.
Set Default Proof Using "All".  (* every statement names both laws, used or not *)
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

(** Under the premise every positive lies in the ball around x i of radius m + the distance to the nearest negative. *)
Lemma triplet_balls n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall i j k, N (x i - z j) - N (x i - w k) <= m) ->
  forall i j, N (x i - z j) <= m + nearest N q w (x i).
Proof.
move=> premise i j; have [k ->] := bigmin_attained (fun k => N (x i - w k)).
by rewrite -ler_subl_addr.
Qed.

(* ------------------------------------------------------------------------------------- the chain, for equal sizes *)

Theorem karimov_1_centroids n (x z : 'I_n.+1 -> V) :
  N (centroid n x - centroid n z) = N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j)) / n.+1%:R.
Proof. by rewrite -scalerBr normZ ger0_norm ?size_inv_ge0 // mulrC. Qed.

Theorem karimov_2_triangle n (x z : 'I_n.+1 -> V) :
  N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j)) / n.+1%:R <= \mean_(l < n.+1) N (x l - z l).
Proof. by rewrite mulrC -sumrB; apply: ler_wpmul2l; [apply: size_inv_ge0|apply: norm_sum]. Qed.

Theorem karimov_3_triplets n (x z w : 'I_n.+1 -> V) (m : R) :
  (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
  \mean_(l < n.+1) N (x l - z l) <= \mean_(l < n.+1) (N (x l - w l) + m).
Proof. by move=> premise; apply: mean_mono => l; rewrite -ler_subl_addl. Qed.

Theorem karimov_4_farthest n (x w : 'I_n.+1 -> V) (m : R) :
  \mean_(l < n.+1) (N (x l - w l) + m) <= m + farthest N n n x w.
Proof.
apply: mean_le => l; rewrite addrC ler_add2l.
exact: (le_bigmax2 (fun i k => N (x i - w k))).
Qed.

Theorem karimov_5_twice n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  m + farthest N n q x w <= 2%:R * Num.max m (farthest N n q x w).
Proof. by rewrite mulr_natl mulr2n ler_add // le_maxr lexx ?orbT. Qed.

(* ------------------------------------------------------------------------------------------ the chain, any sizes *)

Theorem karimov_any_sizes_1_triangle n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) :
  N (centroid n x - centroid p z) <= \mean_(i < n.+1) \mean_(j < p.+1) N (x i - z j).
Proof. exact: norm_centroids. Qed.

Theorem karimov_any_sizes_2_triplets n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  \mean_(i < n.+1) \mean_(j < p.+1) N (x i - z j) <= m + \mean_(i < n.+1) nearest N q w (x i).
Proof.
move=> premise; rewrite -mean_shift; apply: mean_mono => i.
by apply: mean_le => j; apply: triplet_balls.
Qed.

Theorem karimov_any_sizes_3_farthest n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  m + \mean_(i < n.+1) nearest N q w (x i) <= m + farthest N n q x w.
Proof.
rewrite ler_add2l; apply: mean_le => i; apply: le_trans (bigmin_le (fun k => N (x i - w k)) ord0) _.
exact: (le_bigmax2 (fun i k => N (x i - w k))).
Qed.

Theorem karimov_any_sizes_4_twice n q (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  m + farthest N n q x w <= 2%:R * Num.max m (farthest N n q x w).
Proof. exact: karimov_5_twice. Qed.

(* --------------------------------------------------------------------------------------------------- the theorem *)

Theorem karimov_any_sizes n p q (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (centroid n x - centroid p z) <= 2%:R * Num.max m (farthest N n q x w).
Proof.
move=> premise; apply: le_trans (karimov_any_sizes_1_triangle x z) _.
apply: le_trans (karimov_any_sizes_2_triplets premise) _.
exact: le_trans (karimov_any_sizes_3_farthest x w m) (karimov_any_sizes_4_twice x w m).
Qed.

Theorem karimov n (x z w : 'I_n.+1 -> V) (m : R) :
  (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (centroid n x - centroid n z) <= 2%:R * Num.max m (farthest N n n x w).
Proof.
move=> premise; rewrite karimov_1_centroids; apply: le_trans (karimov_2_triangle x z) _.
apply: le_trans (karimov_3_triplets premise) _.
exact: le_trans (karimov_4_farthest x w m) (karimov_5_twice x w m).
Qed.

End AnyNorm.

(* ----------------------------------------------------------------------------------------------------- sharpness *)

(** The field itself with the absolute value is a normed space: the line, where examples live. *)
Lemma line_normD (R : realFieldType) (u v : R^o) : `|u + v| <= `|u| + `|v| :> R.
Proof. exact: ler_norm_add. Qed.

Lemma line_normZ (R : realFieldType) (a : R) (v : R^o) : `|a *: v| = `|a| * `|v| :> R.
Proof. exact: normrM. Qed.

(** The 2 cannot be lowered: x = 0, z = 2, w = 1, m = 1 on the line. *)
Theorem karimov_sharp (R : realFieldType) (c : R) : c < 2%:R ->
  ~ (forall (V : lmodType R) (N : V -> R),
      (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
      forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
      (forall (i j k : 'I_n.+1), N (x i - z j) - N (x i - w k) <= m) ->
      N (centroid n x - centroid n z) <=
      c * Num.max m (farthest N n n x w)).
Proof.
move=> lt_c2 /(_ [lmodType R of R^o] (fun v : R^o => `|v : R|) (@line_normD R) (@line_normZ R) 0%N).
move=> /(_ (fun=> 0) (fun=> 2%:R) (fun=> 1) 1).
rewrite !big_ord_recl !big_ord0 !addr0 invr1 !scale1r !sub0r !normrN normr1 normr_nat !maxxx mulr1.
rewrite (lt_geF lt_c2) => absurd; suff: false by [].
by apply: absurd => _ _ _; rewrite ler_subl_addr.
Qed.
